import path from "node:path";
import { fileURLToPath } from "node:url";

/** Folder of the clone. */
export const root = path.resolve(fileURLToPath(new URL("../..", import.meta.url)));
