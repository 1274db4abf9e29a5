import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import path from "node:path";
import { defaultModelPath } from "@octet/inference/builtin-models";
import type { JobKind, JobProgress } from "@octet/shared/domain/job";
import { waitFor } from "@octet/testing/wait-for";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { ArtifactServer } from "../testing/artifact-server.ts";
import { testSettings } from "../testing/test-settings.ts";
import { startInChild } from "./child-run.ts";

let home: string;
let server: ArtifactServer;
beforeEach(async () => {
  home = mkdtempSync(path.join(tmpdir(), "octet-child-"));
  server = await ArtifactServer.start();
});
afterEach(async () => {
  await server[Symbol.asyncDispose]();
  rmSync(home, { recursive: true, force: true });
});

function start(kind: JobKind, payload: unknown) {
  const progress: JobProgress[] = [];
  const settings = testSettings({ url: server.url, home });
  const listener = { onProgress: (one: JobProgress) => progress.push(one), onLog: () => {} };
  return { ...startInChild(kind, payload, path.join(home, "jobs", "work", "one"), listener, settings), progress };
}
const stated = { licence: "", origin: "", notes: "" };

describe("startInChild", () => {
  it("describes a detector in a process of its own", async () => {
    const model = { name: "front door.onnx", ...server.add(readFileSync(defaultModelPath())) };
    const { ended, progress } = start("inspect", { model, stated });
    expect(await ended).toMatchObject({
      state: "done",
      result: {
        family: "retinaface",
        inputWidth: 640,
        inputHeight: 640,
        maxBatch: 1,
        classes: ["face"],
        precision: "fp32",
        operators: 172,
        opset: 12,
      },
    });
    expect(progress.map(({ stage }) => stage)).toEqual(["fetching", "reading"]);
  });

  it("says what is wrong with a file, by its name and without this host's paths", async () => {
    const { ended } = start("inspect", { model: { name: "evil", ...server.add("this is no model\n".repeat(100)) }, stated });
    const outcome = await ended;
    expect(outcome).toMatchObject({ state: "failed", error: { code: "MODEL_INVALID", message: expect.stringContaining("evil.onnx") } });
    expect(JSON.stringify(outcome)).not.toContain(home);
  });

  it("fails where the process dies, with its signal, and only then", async () => {
    server.answer = () => ({ status: 503 });
    const { ended, cancel, progress } = start("inspect", { model: { name: "m", ...server.add("x") }, stated });
    await waitFor("the process to be at it", () => progress.length > 0);
    cancel();
    expect(await ended).toMatchObject({ state: "failed", error: { code: "INTERNAL", message: expect.stringContaining("SIGKILL") } });
  });
});
