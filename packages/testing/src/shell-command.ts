import { chmod, writeFile } from "node:fs/promises";
import path from "node:path";

/** Writes a command that runs a script of sh: a stand-in for a program that this host lacks. @returns its path */
export async function shellCommand(folder: string, name: string, script: string): Promise<string> {
  const file = path.join(folder, name);
  await writeFile(file, `#!/bin/sh\n${script}\n`);
  await chmod(file, 0o755);
  return file;
}
