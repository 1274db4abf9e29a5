import type { DetectorFamilyId, Licence } from "@octet/shared/domain/model";

/** Files whose origin is known, by sha256. */
const knownFiles: Readonly<Record<string, Licence>> = {
  // retinaface@0.0.6, mnet.25_v2.onnx and mnet.25_v1.onnx
  cd1acf4887eff165497762346fcafbdec58f662a2ceb01e5edb979f54b9875b6: retinaFaceNpm("mnet.25_v2.onnx"),
  a4bb1e33c921877ecccca2a2e757d44c4fb511ae84d85a833c5a77e6f2461744: retinaFaceNpm("mnet.25_v1.onnx"),
  // yolov5n-face.onnx
  "3f3f360cee1da94eb2f589686e4bb54813239a638e587af028b7d9b8ae5ff941": yolov5FaceWeights(),
  // yolov5n-0.5-face.onnx
  "67a107113568398d3d57325ff0b1cda1887a13f8e96a95c0fd15b7058ed1589f": yolov5FaceWeights(),
  // scrfd_2.5g_kps.onnx
  "32d20c77b9e2dc1d07e94c2ab9d25bdd5cd05eddbe0b46e7b38e7a1eca22e99a": {
    name: "non-commercial",
    note: "InsightFace offers these weights for non-commercial research only: commercial use needs a licence from InsightFace.",
    origin: "InsightFace, SCRFD 2.5GF with landmarks",
  },
  // yunet_s_640_640.onnx
  "8f2383e4dd3cfbb4553ea8718107fc0423210dc964f9f4280604804ed2552fa4": {
    name: "Apache-2.0",
    note: "Free to use and to pass on under the Apache licence 2.0; keep its notice.",
    origin: "libfacedetection.train, YuNet-s",
  },
  // ultraface-RFB-320.onnx
  "34cd7e60aeff28744c657de7a3dc64e872d506741de66987f3426f2b79f88017": {
    name: "MIT",
    note: "Free to use and to pass on under the MIT licence; keep its notice.",
    origin: "Linzaer/Ultra-Light-Fast-Generic-Face-Detector-1MB, RFB-320",
  },
};

/** What the weights that a family's authors publish are licensed under. */
const familyWeights: Readonly<Record<DetectorFamilyId, string>> = {
  retinaface: "InsightFace's own RetinaFace weights are for non-commercial research only",
  "yolov5-face": "deepcam-cn's own YOLOv5-Face weights are under the GPL-3.0",
  scrfd: "InsightFace's own SCRFD weights are for non-commercial research only",
  yunet: "libfacedetection's own YuNet weights are under the Apache licence 2.0 (OpenCV's zoo: MIT)",
  ultraface: "Linzaer's own UltraFace weights are under the MIT licence",
  yolov5: "Ultralytics' own YOLOv5 weights are under the AGPL-3.0",
  yolov8: "Ultralytics' own weights of YOLOv8 and its successors are under the AGPL-3.0",
  yolov10: "The YOLOv10 authors' and Ultralytics' own weights are under the AGPL-3.0",
  yolox: "Megvii's own YOLOX weights are under the Apache licence 2.0",
};

function retinaFaceNpm(file: string): Licence {
  return {
    name: "MIT",
    note:
      "The npm package is MIT, but it does not say where its weights come from, and InsightFace, whose architecture this is, " +
      "offers its own weights for non-commercial use only: settle this before commercial use.",
    origin: `npm retinaface@0.0.6, ${file}`,
  };
}

function yolov5FaceWeights(): Licence {
  return {
    name: "GPL-3.0",
    note: "These weights are under the GPL-3.0: whoever passes on a product that contains them must meet its terms.",
    origin: "deepcam-cn/yolov5-face",
  };
}

const MAX_STATED = 200;

/** What is known of a model file's licence. `sha256` in lower-case hex; `metadata` what its exporter wrote into it. */
export function licenceOf(family: DetectorFamilyId, sha256: string, metadata?: Readonly<Record<string, string>>): Licence {
  const known = knownFiles[sha256.toLowerCase()];
  if (known) return known;
  const stated = metadata?.["license"]?.slice(0, MAX_STATED).trim();
  if (stated)
    return {
      name: /\b[A-Z][A-Za-z]*-\d+(\.\d+)*\b/.exec(stated)?.[0] ?? "stated in the file",
      note: `The file says of itself: ${stated}. ${familyWeights[family]}.`,
      origin: metadata?.["author"]?.slice(0, MAX_STATED) ?? "unknown file",
    };
  return {
    name: "unknown",
    note: `Octet does not know this file. ${familyWeights[family]}; check where this file comes from before you use it.`,
    origin: "unknown file",
  };
}
