import { createRequire } from "node:module";
import path from "node:path";
import { testdata } from "@octet/testing/testdata";

/** Real detectors, where they are here: five of the test data, and the one that an npm package of the workspace ships. */
export function detectorFiles(): string[] {
  const shared = ["scrfd_2.5g_kps", "ultraface-RFB-320", "yolov5n-0.5-face", "yolov5n-face", "yunet_s_640_640"]
    .map((name) => testdata("models", `${name}.onnx`))
    .filter((file) => file !== null);
  const retinaface = path.join(path.dirname(createRequire(import.meta.url).resolve("retinaface/package.json")), "mnet.25_v2.onnx");
  return [retinaface, ...shared];
}
