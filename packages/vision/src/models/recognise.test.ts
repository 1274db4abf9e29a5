import { AppError } from "@octet/shared/errors";
import { describe, expect, it } from "vitest";
import { signatureOf } from "./fake-model.ts";
import type { ModelSignature } from "./family.ts";
import { recogniseDetector } from "./recognise.ts";

const refusal = (signature: ModelSignature): AppError => {
  try {
    recogniseDetector(signature);
  } catch (error) {
    if (error instanceof AppError) return error;
  }
  throw new Error("was not refused");
};

describe("recogniseDetector", () => {
  it("tells the families apart by their outputs", () => {
    const heads = { a: [1, 48, 80, 80], b: [1, 48, 40, 40], c: [1, 48, 20, 20] };
    expect(recogniseDetector(signatureOf([1, 3, 640, 640], heads)).family).toBe("yolov5-face");
    expect(recogniseDetector(signatureOf(["b", 3, 640, 640], { output: ["b", 25200, 16] })).family).toBe("yolov5-face");
    expect(recogniseDetector(signatureOf([1, 3, 240, 320], { s: [1, 4420, 2], b: [1, 4420, 4] })).family).toBe("ultraface");
    expect(recogniseDetector(signatureOf([1, 3, 640, 640], { output0: [1, 84, 8400] })).family).toBe("yolov8");
    expect(recogniseDetector(signatureOf([1, 3, 640, 640], { output0: [1, 25200, 85] })).family).toBe("yolov5");
    expect(recogniseDetector(signatureOf([1, 3, 640, 640], { output: [1, 8400, 85] })).family).toBe("yolox");
    expect(recogniseDetector(signatureOf([1, 3, 640, 640], { output0: [1, 300, 6] })).family).toBe("yolov10");
  });

  it("takes 640 for a size that is not fixed", () => {
    const spec = recogniseDetector(signatureOf(["b", 3, "h", "w"], { output: ["b", "n", 16] }));
    expect(spec.input).toMatchObject({ width: 640, height: 640, maxBatch: null });
  });

  it("takes the size that the file says it was trained at for one that is not fixed", () => {
    const signature = signatureOf(["b", 3, "h", "w"], { output: ["b", "n", 16] });
    expect(recogniseDetector({ ...signature, metadata: { imgsz: "[480, 320]" } }).input).toMatchObject({ width: 320, height: 480 });
  });

  it("refuses with each family's reason", () => {
    const error = refusal(signatureOf([1, 3, 224, 224], { logits: [1, 1000] }));
    expect(error.code).toBe("MODEL_UNRECOGNISED");
    for (const name of ["RetinaFace", "YOLOv5-Face", "SCRFD", "YuNet", "UltraFace"]) expect(error.hint).toContain(`${name}: it wants`);
    expect(error.hint).toContain("It gives 1×1000.");
  });

  it.each<[string, ModelSignature, string]>([
    ["no image", signatureOf([1, 3], { output: [1, 25200, 16] }), "not N×3×H×W"],
    ["channels last", signatureOf([1, 640, 640, 3], { output: [1, 25200, 16] }), "N×H×W×3"],
    ["grey", signatureOf([1, 1, 640, 640], { output: [1, 25200, 16] }), "1 channels"],
    ["no input", { inputs: [], outputs: [] }, "no input"],
    ["bytes", { inputs: [{ name: "x", type: "uint8", shape: [1, 3, 640, 640] }], outputs: [] }, "uint8, not float32"],
  ])("refuses an input that is %s", (_, signature, reason) => {
    expect(refusal(signature).hint).toContain(reason);
  });
});
