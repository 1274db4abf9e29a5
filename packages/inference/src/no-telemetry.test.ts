import { mkdtempSync, readdirSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import path from "node:path";
import { fileURLToPath } from "node:url";
import { runProgram } from "@octet/testing/run-program";
import { afterAll, describe, expect, it } from "vitest";

const home = mkdtempSync(path.join(tmpdir(), "octet-home-"));
afterAll(() => rmSync(home, { recursive: true, force: true }));

describe("ONNX Runtime's reports to Microsoft", () => {
  it("are off: it makes no name for this host and keeps no events", () => {
    // It is silent by itself under CI and in what it takes for tests of its own.
    const { CI, ORT_RUNNING_UNIT_TESTS, ORT_DISABLE_TELEMETRY, XDG_CACHE_HOME, ...env } = process.env;
    const program = fileURLToPath(new URL("./testing/run-once.ts", import.meta.url));
    expect(runProgram(program, [], { ...env, HOME: home })).toMatchObject({ status: 0, stderr: "" });
    expect(readdirSync(home, { recursive: true }).filter((name) => /microsoft|onnx/i.test(String(name)))).toEqual([]);
  });
});
