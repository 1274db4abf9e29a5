import { spawnSync } from "node:child_process";
import { describe, expect, it } from "vitest";
import { isRunning } from "./running-process.ts";

describe("isRunning", () => {
  it("finds this process, and none of its command line that it has not", () => {
    expect(isRunning(process.pid)).toBe(true);
    expect(isRunning(process.pid, "node")).toBe(true);
    expect(isRunning(process.pid, "no-such-program")).toBe(process.platform !== "linux");
  });

  it("finds none that has ended, and takes no group for a process", () => {
    const { pid } = spawnSync(process.execPath, ["-e", ""]);
    expect(isRunning(pid)).toBe(false);
    for (const none of [0, -1, Number.NaN, 1.5]) expect(isRunning(none)).toBe(false);
  });

  it("counts one that may not be signalled", () => {
    // Process 1 is another user's, or of a container's root, who may.
    expect(isRunning(1)).toBe(true);
  });
});
