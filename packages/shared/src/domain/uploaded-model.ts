import type { JobResult } from "./job.ts";
import type { Licence } from "./model.ts";
import type { Precision } from "./profile.ts";

/** A file's own precision → that of the profile which is the file itself. */
export const profileOfUpload: Record<JobResult<"inspect">["precision"], { precision: Precision; suffix: string; warnings: string[] }> = {
  fp32: { precision: "fp32", suffix: "FP32", warnings: [] },
  fp16: { precision: "fp16", suffix: "FP16", warnings: ["The file came in FP16: there is no FP32 model of it to compare with."] },
  int8: { precision: "int8-ptq", suffix: "INT8", warnings: ["The file came quantised: there is no FP32 model of it to compare with."] },
};

/** A file that is known by its hash keeps what is known of it; of any other, the word of who adds it counts. */
export function licenceOfUpload(found: Licence, stated: { licence: string; origin: string }): Licence {
  if (found.name !== "unknown") return found;
  return {
    name: stated.licence || found.name,
    note: stated.licence ? `As stated by who added it. ${found.note}` : found.note,
    origin: stated.origin || found.origin,
  };
}
