import type { LiveModel } from "@octet/pipeline/lane";
import type { LiveCameraConfig } from "@octet/pipeline/live-camera";
import { AppError } from "@octet/shared/errors";
import type { AssignedCamera, PromotedModel } from "@octet/shared/protocol/worker-protocol";
import { waitFor } from "@octet/testing/wait-for";
import { pino } from "pino";
import { expect, it } from "vitest";
import { CameraModels } from "./camera-models.ts";

const ref = (name: string): PromotedModel => ({
  name,
  sha256: name.padEnd(64, "0"),
  sizeBytes: 1,
  profileId: "0198c0de-0000-7000-8000-000000000000",
  decodeSize: null,
});
const camera = (id: string, model: string | null, shadow: string | null = null): AssignedCamera => ({
  id,
  name: id,
  epoch: 1,
  url: "file:a.mp4",
  substreamUrl: null,
  transport: "tcp",
  detectFps: 5,
  confidence: 0.5,
  classes: [],
  priority: "normal",
  stillFps: null,
  latencyBudgetMs: null,
  model: model === null ? null : ref(model),
  shadow: shadow === null ? null : { ...ref(shadow), promotionId: "p", share: 0.5 },
});

/** A host whose loads end when they are told to. */
function setUp() {
  const loaded = new Map<string, LiveModel>();
  const pending = new Map<string, { resolve(): void; reject(error: Error): void }>();
  const applied: LiveCameraConfig[][] = [];
  const prepared: string[] = [];
  const models = new CameraModels({
    host: {
      prepare: async ({ name }) => {
        if (name === "broken") throw new AppError("NOT_FOUND", "the server has lost it");
        prepared.push(name);
      },
      ready: ({ sha256 }) => loaded.get(sha256) ?? null,
      load: ({ sha256, name }) =>
        new Promise((resolve, reject) => {
          pending.set(name, {
            resolve: () => {
              const model = { id: name } as LiveModel;
              loaded.set(sha256, model);
              resolve(model);
            },
            reject,
          });
        }),
    },
    apply: async (cameras) => void applied.push(cameras),
    logger: pino({ level: "silent" }),
    retryMs: 5,
  });
  const last = () =>
    applied.at(-1)!.map(({ id, model, shadow, modelAlarm }) => [id, model?.id ?? null, shadow?.model.id ?? null, modelAlarm?.code ?? null]);
  return { models, pending, applied, prepared, last };
}

it("starts a camera at once, and moves it when its model is loaded", async () => {
  const { models, pending, applied, last } = setUp();
  await models.assign([camera("a", "int8"), camera("b", null)]);
  expect(last()).toEqual([
    ["a", null, null, "MODEL_NOT_READY"],
    ["b", null, null, null],
  ]);
  expect(applied[0]![0]!.modelAlarm!.message).toMatch(/int8 is being fetched.*worker's own model/);
  pending.get("int8")!.resolve();
  await waitFor("the move", () => applied.length === 2);
  expect(last()[0]).toEqual(["a", "int8", null, null]);
  models.close();
});

it("makes ready what may come, once, after what its own cameras need", async () => {
  const { models, pending, prepared } = setUp();
  await models.assign([camera("a", "int8")], [ref("broken"), ref("fp16")]);
  expect(prepared).toEqual([]);
  pending.get("int8")!.resolve();
  await waitFor("the other", () => prepared.length === 1);
  await models.assign([camera("a", "int8")], [ref("fp16"), ref("qat")]);
  await waitFor("the next", () => prepared.length === 2);
  expect(prepared).toEqual(["fp16", "qat"]);
  models.close();
});

it("hands a camera's settings on, its priority as a number and its smaller stream as the one to open", async () => {
  const { models, applied } = setUp();
  await models.assign([{ ...camera("a", null), substreamUrl: "file:small.mp4", priority: "high", classes: ["person"] }]);
  expect(applied[0]).toMatchObject([{ id: "a", url: "file:small.mp4", priority: 1, classes: ["person"] }]);
  models.close();
});

it("keeps the model that a camera has where the new one cannot be run, and says so", async () => {
  const { models, pending, applied, last } = setUp();
  await models.assign([camera("a", "fp16")]);
  pending.get("fp16")!.resolve();
  await waitFor("the first model", () => applied.length === 2);
  await models.assign([camera("a", "int8")]);
  expect(last()).toEqual([["a", "fp16", null, "MODEL_NOT_READY"]]);
  expect(applied.at(-1)![0]!.modelAlarm!.message).toContain("what it ran on before");
  const first = pending.get("int8")!;
  pending.delete("int8");
  first.reject(new AppError("MODEL_UNSUPPORTED", "no kernel"));
  await waitFor("the alarm", () => last()[0]![3] !== "MODEL_NOT_READY");
  expect(last()).toEqual([["a", "fp16", null, "MODEL_UNSUPPORTED"]]);
  // Tried again by itself; the alarm ends with it.
  await waitFor("the next try", () => pending.has("int8"));
  pending.get("int8")!.resolve();
  await waitFor("the end of the alarm", () => last()[0]![3] === null);
  expect(last()).toEqual([["a", "int8", null, null]]);
  models.close();
});

it("goes back to the worker's own model at once", async () => {
  const { models, pending, applied, last } = setUp();
  await models.assign([camera("a", "int8", "fp16")]);
  pending.get("int8")!.resolve();
  await waitFor("the shadow's load", () => pending.has("fp16"));
  pending.get("fp16")!.resolve();
  await waitFor("both", () => applied.length === 3);
  expect(last()).toEqual([["a", "int8", "fp16", null]]);
  await models.assign([camera("a", null)]);
  expect(last()).toEqual([["a", null, null, null]]);
  models.close();
});

it("lets a newer assignment win over what is still loading", async () => {
  const { models, pending, applied, last } = setUp();
  await models.assign([camera("a", "int8")]);
  await models.assign([camera("a", null)]);
  pending.get("int8")!.resolve();
  await new Promise((resolve) => setImmediate(resolve));
  expect(applied).toHaveLength(2);
  expect(last()).toEqual([["a", null, null, null]]);
  models.close();
});

it("says on each of a model's cameras that it fell back to the CPU, and runs them all the same", async () => {
  const applied: LiveCameraConfig[][] = [];
  const models = new CameraModels({
    host: { ready: () => null, load: () => Promise.reject(new Error("nothing is promoted")), prepare: async () => {} },
    own: { id: "own", pool: { fault: "3 of 9 nodes fell back from cuda to the CPU: Resize ×3" } } as LiveModel,
    apply: async (cameras) => {
      applied.push(cameras);
    },
    logger: pino({ level: "silent" }),
  });
  await models.assign([{ id: "one", model: null, shadow: null } as AssignedCamera]);
  expect(applied[0]).toMatchObject([
    { id: "one", modelAlarm: { code: "PROVIDER_UNAVAILABLE", message: expect.stringContaining("Resize") } },
  ]);
  models.close();
});
