import { existsSync } from "node:fs";
import path from "node:path";
import { fileURLToPath } from "node:url";

/** Beside the clone, unless `OCTET_TESTDATA` says otherwise. */
const folder = process.env["OCTET_TESTDATA"] ?? fileURLToPath(new URL("../../../../shared", import.meta.url));

/**
 * Path of a file of the test data that is too large, or not free enough, to be in the repository:
 * `models/NAME.onnx`, `faces/NAME.jpg`, `videos/NAME.mp4`. Null where it is not here: skip the test, and say so.
 */
export function testdata(...parts: string[]): string | null {
  const file = path.join(folder, ...parts);
  return existsSync(file) ? file : null;
}
