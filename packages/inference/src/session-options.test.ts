import { describe, expect, it } from "vitest";
import type { Provider } from "./session-messages.ts";
import { sessionOptions } from "./session-options.ts";

const providers: Provider[] = ["cpu", "webgpu", "cuda", "tensorrt", "coreml", "dml"];

describe("sessionOptions", () => {
  it.each(providers)("names %s alone, on one thread that does not spin", (provider) => {
    const options = sessionOptions(provider);
    expect(options).toMatchObject({ executionProviders: [provider], intraOpNumThreads: 1, interOpNumThreads: 1 });
    expect(options.extra).toMatchObject({ session: { intra_op: { allow_spinning: "0" }, inter_op: { allow_spinning: "0" } } });
  });

  it("keeps the biases of Q/DQ models float for TensorRT and CUDA, and the weights int8", () => {
    for (const provider of providers) {
      const extra = sessionOptions(provider).extra as { session: object; optimization?: object };
      const left = provider === "tensorrt" || provider === "cuda";
      expect(extra.optimization, provider).toEqual(left ? { disable_specified_optimizers: "WeightBiasQuantization" } : undefined);
      expect(extra.session, provider).not.toHaveProperty("disable_quant_qdq");
    }
  });
});
