import path from "node:path";
import { fileURLToPath } from "node:url";
import { AppError } from "@octet/shared/errors";
import { z } from "zod";

const blankIsUnset = (value: unknown) => (value === "" ? undefined : value);

const schema = z.object({
  /** The dashboard's URL. */
  OCTET_URL: z.preprocess(blankIsUnset, z.url().optional()),
  /** An API token made under Settings → Tokens. */
  OCTET_TOKEN: z.preprocess(blankIsUnset, z.string().optional()),
  /** Folder of the local server: its `cli.json` and, below `media/`, the files of `file:` URLs. */
  OCTET_HOME: z.preprocess(
    blankIsUnset,
    z
      .string()
      .default(fileURLToPath(new URL("../../../.octet", import.meta.url)))
      .transform((folder) => path.resolve(folder)),
  ),
});

export type Env = z.infer<typeof schema>;

/** The validated environment. @throws AppError BAD_INPUT with every problem named */
export function readEnv(): Env {
  const parsed = schema.safeParse(process.env);
  if (parsed.success) return parsed.data;
  const problems = parsed.error.issues.map((issue) => `${issue.path.join(".")}: ${issue.message}`);
  throw new AppError("BAD_INPUT", `The environment is not valid: ${problems.join("; ")}`);
}
