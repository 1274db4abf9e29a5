import { spawn } from "node:child_process";
import { once } from "node:events";
import { existsSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import path from "node:path";
import { afterEach, beforeEach, expect, it } from "vitest";
import { claimWorkerHome } from "./worker-home.ts";

let home = "";
beforeEach(() => {
  home = mkdtempSync(path.join(tmpdir(), "octet-home-"));
});
afterEach(() => rmSync(home, { recursive: true, force: true }));
const file = () => path.join(home, "worker.pid");

/** A process that runs for as long as `during` does; its command line ends with this path. */
async function beside(script: string, during: (pid: number) => void): Promise<void> {
  const full = path.join(home, script);
  mkdirSync(path.dirname(full), { recursive: true });
  writeFileSync(full, "process.stdin.resume(); process.stdout.write('up');");
  const child = spawn(process.execPath, [full], { stdio: ["pipe", "pipe", "inherit"] });
  try {
    await once(child.stdout, "data");
    during(child.pid!);
  } finally {
    child.kill("SIGKILL");
    await once(child, "close");
  }
}

it("refuses a folder that another worker has, and takes it once that one is gone", async () => {
  await beside("apps/worker/src/main.cjs", (pid) => {
    writeFileSync(file(), `${pid}\n`);
    expect(() => claimWorkerHome(home)).toThrow(
      expect.objectContaining({ code: "CONFLICT", message: expect.stringContaining(`process ${pid}`) }),
    );
  });
  // It was killed: its file is still there.
  const release = claimWorkerHome(home);
  expect(existsSync(file())).toBe(true);
  release();
  expect(existsSync(file())).toBe(false);
});

it("takes a folder whose file is another program's, or nobody's", async () => {
  if (process.platform === "linux")
    await beside("other.cjs", (pid) => {
      writeFileSync(file(), `${pid}\n`);
      claimWorkerHome(home)();
    });
  writeFileSync(file(), "torn");
  claimWorkerHome(home)();
});

it("does not give back what another took over", () => {
  const release = claimWorkerHome(home);
  writeFileSync(file(), "1\n");
  release();
  expect(existsSync(file())).toBe(true);
});
