import { describe, expect, it } from "vitest";
import type { Provider } from "./session-messages.ts";
import { sessionOptions } from "./session-options.ts";

const providers: Provider[] = ["cpu", "webgpu", "cuda", "tensorrt", "coreml", "dml"];

describe("sessionOptions", () => {
  it("names a GPU by its index, and lets CUDA have what TensorRT does not take", () => {
    const named = (provider: Provider, device?: number) =>
      sessionOptions(provider, device === undefined ? {} : { device }).executionProviders;
    expect(named("cuda", 3)).toEqual([{ name: "cuda", deviceId: 3 }]);
    expect(named("tensorrt")).toEqual([
      { name: "tensorrt", deviceId: 0 },
      { name: "cuda", deviceId: 0 },
    ]);
    for (const other of ["cpu", "webgpu", "coreml", "dml"] as const) expect(named(other, 1)).toEqual([other]);
  });

  it.each(providers)("runs %s on one thread that does not spin", (provider) => {
    const options = sessionOptions(provider);
    expect(options).toMatchObject({ intraOpNumThreads: 1, interOpNumThreads: 1 });
    expect(options).not.toHaveProperty("enableProfiling");
    expect(options.extra).toMatchObject({ session: { intra_op: { allow_spinning: "0" }, inter_op: { allow_spinning: "0" } } });
  });

  it("keeps the biases of Q/DQ models float for TensorRT and CUDA, and the weights int8", () => {
    for (const provider of providers) {
      const extra = sessionOptions(provider).extra as { session: object; "optimization.disable_specified_optimizers"?: string };
      const left = provider === "tensorrt" || provider === "cuda";
      expect(extra["optimization.disable_specified_optimizers"], provider).toBe(left ? "WeightBiasQuantization" : undefined);
      expect(extra.session, provider).not.toHaveProperty("disable_quant_qdq");
    }
  });
});
