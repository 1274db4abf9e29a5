import { describe, expect, it } from "vitest";
import { testdata } from "../../../../packages/testing/src/testdata.ts";
import { detectImage } from "./detect-image.ts";
import { Detector } from "@octet/precision/detect/detector";

/** Faces over 0.5 on six-faces.jpg and crowd-selfie.jpg, from the test data's own notes. */
const known: [file: string, family: string, six: number, crowd: number][] = [
  ["default", "retinaface", 6, 47],
  ["yolov5n-face.onnx", "yolov5-face", 6, 214],
  ["yolov5n-0.5-face.onnx", "yolov5-face", 6, 181],
  ["scrfd_2.5g_kps.onnx", "scrfd", 6, 152],
  ["yunet_s_640_640.onnx", "yunet", 6, 183],
  ["ultraface-RFB-320.onnx", "ultraface", 6, 207],
];
const sixFaces = testdata("faces", "six-faces.jpg");
const crowdSelfie = testdata("faces", "crowd-selfie.jpg");

describe.skipIf(!sixFaces || !crowdSelfie)("detectors that are known (skipped without test data: set OCTET_TESTDATA)", () => {
  it.each(known)("%s finds the faces that it should", async (file, family, six, crowd) => {
    const model = file === "default" ? file : testdata("models", file);
    if (!model) throw new Error(`The test data lacks models/${file}`);
    await using detector = await Detector.load({ model, threads: 1 });
    expect(detector.info.family).toBe(family);
    expect(detector.info.licence.name).not.toBe("unknown");

    const few = await detectImage(detector, sixFaces!, { confidence: 0.5 });
    expect(few.detections).toHaveLength(six);
    for (const { box, landmarks } of few.detections) {
      for (let at = 0; landmarks && at < landmarks.length; at += 2) {
        // Eyes, nose and mouth of these faces lie inside their boxes.
        expect((landmarks[at]! - box.x) / box.w).toSatisfy((x: number) => x > -0.1 && x < 1.1);
        expect((landmarks[at + 1]! - box.y) / box.h).toSatisfy((y: number) => y > 0 && y < 1);
      }
    }
    const many = await detectImage(detector, crowdSelfie!, { confidence: 0.5 });
    expect(many.detections.length).toBeGreaterThan(crowd * 0.9);
    expect(many.detections.length).toBeLessThan(crowd * 1.1);
  });
});
