import { writeFileSync } from "node:fs";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import path from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { OrtApi } from "./ort-api.ts";
import { tinyModel } from "./tiny-model.ts";

describe("OrtApi", () => {
  let folder: string;
  let model: string;
  const api = new OrtApi();
  beforeAll(async () => {
    folder = await mkdtemp(path.join(tmpdir(), "octet-api-"));
    model = path.join(folder, "tiny.onnx");
    writeFileSync(model, tinyModel());
  });
  afterAll(() => rm(folder, { recursive: true }));

  it("opens a model by ONNX Runtime's own functions, with entries of its configuration", () => {
    api.openOnce(model, { tensorRt: null, config: { "session.intra_op.allow_spinning": "0" } });
    // Heard, and not only taken: a profile's place that cannot be written is refused.
    expect(() => api.openOnce(model, { tensorRt: null, config: { "": "x" } })).toThrow(/key/i);
  });

  it("gives the runtime's reason where a model or a provider does not work", () => {
    expect(() => api.openOnce(path.join(folder, "none.onnx"), { tensorRt: null, config: {} })).toThrow(/doesn't exist/);
    writeFileSync(path.join(folder, "bad.onnx"), "no model");
    expect(() => api.openOnce(path.join(folder, "bad.onnx"), { tensorRt: null, config: {} })).toThrow(/[Pp]rotobuf/);
  });

  it("may be made twice", () => {
    new OrtApi().openOnce(model, { tensorRt: null, config: {} });
  });
});
