import { type ChildProcess, spawn } from "node:child_process";
import { chmodSync, cpSync, existsSync, mkdtempSync, rmSync } from "node:fs";
import os from "node:os";
import path from "node:path";
import { fileURLToPath } from "node:url";
import { account } from "./site-under-test.ts";

const READY_WITHIN_MS = 600_000;

/** Runs `npm start` in an empty home and waits for its one line; ends it by Ctrl-C's signal. */
export default async function globalSetup(): Promise<() => Promise<void>> {
  const home = mkdtempSync(path.join(os.tmpdir(), "octet-e2e-"));
  // As root, PostgreSQL runs as another user, who must be able to enter; else its data would go elsewhere and stay.
  chmodSync(home, 0o755);
  // The integration suite has made the demo's clips, and tested that they can be made.
  const clips = fileURLToPath(new URL("../.cache/clips", import.meta.url));
  if (existsSync(clips)) cpSync(clips, path.join(home, "media"), { recursive: true });
  const child = spawn(process.execPath, [fileURLToPath(new URL("../scripts/start.mjs", import.meta.url))], {
    env: { ...process.env, OCTET_HOME: home, OCTET_ADMIN_EMAIL: account.email, OCTET_ADMIN_PASSWORD: account.password, LOG_LEVEL: "warn" },
    stdio: ["ignore", "pipe", "pipe"],
  });
  process.env["OCTET_E2E_URL"] = await readyUrl(child);
  return async () => {
    const ended = new Promise<number | null>((resolve) => child.once("exit", (code) => resolve(code)));
    child.kill("SIGINT");
    const code = await ended;
    rmSync(home, { recursive: true, force: true });
    if (code !== 0) throw new Error(`npm start ended with ${code} after SIGINT`);
  };
}

function readyUrl(child: ChildProcess): Promise<string> {
  let output = "";
  return new Promise((resolve, reject) => {
    const late = setTimeout(() => {
      child.kill("SIGKILL");
      reject(new Error(`Octet was not ready within ${READY_WITHIN_MS / 1000} s:\n${output}`));
    }, READY_WITHIN_MS);
    const read = (chunk: Buffer): void => {
      output += chunk.toString();
      const url = output.match(/Octet is ready at (http:\S+)/)?.[1];
      if (!url) return;
      clearTimeout(late);
      resolve(url);
    };
    child.stdout?.on("data", read);
    child.stderr?.on("data", read);
    child.once("exit", (code) => reject(new Error(`npm start ended with ${code}:\n${output}`)));
  });
}
