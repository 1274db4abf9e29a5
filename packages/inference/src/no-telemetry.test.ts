import { spawnSync } from "node:child_process";
import { mkdtempSync, readdirSync, rmSync } from "node:fs";
import { createRequire } from "node:module";
import { tmpdir } from "node:os";
import path from "node:path";
import { fileURLToPath, pathToFileURL } from "node:url";
import { afterAll, describe, expect, it } from "vitest";

const home = mkdtempSync(path.join(tmpdir(), "octet-home-"));
afterAll(() => rmSync(home, { recursive: true, force: true }));

describe("ONNX Runtime's reports to Microsoft", () => {
  it("are off: it makes no name for this host and keeps no events", () => {
    // It is silent by itself under CI and in what it takes for tests of its own.
    const { CI, ORT_RUNNING_UNIT_TESTS, ORT_DISABLE_TELEMETRY, XDG_CACHE_HOME, ...env } = process.env;
    const tsx = pathToFileURL(createRequire(import.meta.url).resolve("tsx")).href;
    const program = fileURLToPath(new URL("./testing/run-once.ts", import.meta.url));
    const run = spawnSync(process.execPath, ["--import", tsx, program], { env: { ...env, HOME: home }, encoding: "utf8", timeout: 60_000 });
    expect(run.stderr).toBe("");
    expect(run.status).toBe(0);
    expect(readdirSync(home, { recursive: true }).filter((name) => /microsoft|onnx/i.test(String(name)))).toEqual([]);
  });
});
