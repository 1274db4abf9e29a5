import path from "node:path";
import { defaultModelPath } from "@octet/inference/builtin-models";
import { testdata } from "@octet/testing/testdata";

export interface BenchDetector {
  name: string;
  path: string;
}

const shared = ["yolov5n-face", "yolov5n-0.5-face", "scrfd_2.5g_kps", "yunet_s_640_640", "ultraface-RFB-320"];

/** The default model and those of the test data that are here; or of these the ones named, separated by commas. */
export function benchDetectors(wanted: string | undefined): BenchDetector[] {
  const all = [
    ...shared.flatMap((name) => {
      const file = testdata("models", `${name}.onnx`);
      return file ? [{ name, path: file }] : [];
    }),
    { name: "retinaface", path: path.resolve(defaultModelPath()) },
  ];
  if (wanted === undefined) return all;
  return wanted.split(",").map((name) => {
    const detector = all.find((one) => one.name === name.trim());
    if (!detector) throw new Error(`There is no model "${name}" here; there are ${all.map((one) => one.name).join(", ")}`);
    return detector;
  });
}

/** A part of WIDER FACE in the test data. @throws Error where it is not here */
export function widerData(...parts: string[]): string {
  const folder = testdata("wider", ...parts);
  if (!folder) throw new Error(`This benchmark needs WIDER FACE's ${parts.join("/")} in the test data (OCTET_TESTDATA)`);
  return folder;
}
