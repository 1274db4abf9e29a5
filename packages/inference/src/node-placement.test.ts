import { describe, expect, it } from "vitest";
import { describePlacement, nodePlacement, type ProfileEvent, placementFault } from "./node-placement.ts";

const node = (name: string, provider: string, op = "Conv", output_size: string | undefined = "100000"): ProfileEvent => ({
  cat: "Node",
  name: `${name}_kernel_time`,
  args: { op_name: op, provider, ...(output_size === undefined ? {} : { output_size }) },
});
const [CUDA, CPU] = ["CUDAExecutionProvider", "CPUExecutionProvider"];

describe("nodePlacement", () => {
  it("counts nodes once each, by provider", () => {
    const events = [
      node("a", CUDA),
      node("a", CUDA),
      node("b", CUDA),
      node("s", CPU, "Shape", "32"),
      { cat: "Session", name: "model_run" },
      { cat: "Node", name: "a_fence_before", args: { provider: CUDA } },
    ];
    const placement = nodePlacement(events);
    expect(placement).toEqual({ nodes: { [CUDA]: 2, [CPU]: 1 }, heavyOnCpu: {} });
    expect(describePlacement(placement)).toBe("CUDA 2, CPU 1");
    expect(placementFault("cuda", placement)).toBeNull();
  });

  it("takes work on pictures for a fall-back, and what does not say its size too", () => {
    const placement = nodePlacement([
      node("a", CUDA),
      node("r", CPU, "Resize"),
      node("t", CPU, "TopK", undefined),
      node("q", CPU, "Resize"),
    ]);
    expect(placementFault("cuda", placement)).toBe("3 of 4 nodes fell back from cuda to the CPU: Resize ×2, TopK ×1");
    expect(placementFault("cpu", placement)).toBeNull();
  });

  it("says that nothing runs where it should", () => {
    expect(placementFault("webgpu", nodePlacement([node("a", CPU, "Conv", "4")]))).toBe("The model runs on the CPU, not on webgpu");
    expect(placementFault("tensorrt", nodePlacement([]))).toMatch(/does not say/);
    expect(placementFault("tensorrt", nodePlacement([node("TRTKernel_graph_0", "TensorrtExecutionProvider")]))).toBeNull();
  });
});
