import { AppError } from "@octet/shared/errors";

/** Where people and programs see what there is. */
const lists = {
  camera: ["Cameras", "octet cameras list"],
  model: ["Models", "octet models list"],
  profile: ["Precision", "octet profile list"],
  promotion: ["Precision", "octet profile list"],
  "data set": ["Data sets", "octet dataset list"],
  "version of a data set": ["Data sets", "octet dataset list"],
  worker: ["Workers", "octet workers list"],
  job: ["Jobs", "octet jobs list"],
  alarm: ["Alarms", "octet alarms list"],
  token: ["Settings", "octet tokens list"],
  person: ["Settings", "octet people list"],
} as const satisfies Record<string, readonly [page: string, command: string]>;

/** NOT_FOUND: a request names by its id what was never there, or was removed meanwhile. */
export function notFound(what: keyof typeof lists): AppError {
  const [page, command] = lists[what];
  return new AppError("NOT_FOUND", `There is no such ${what}`, {
    hint: `It may have been removed meanwhile: the page ${page} and \`${command}\` show what there is.`,
  });
}
