import { AppError } from "@octet/shared/errors";
import type { DetectorSpec, InputSpec, ModelSignature } from "@octet/vision/models/family";
import { imageInput } from "@octet/vision/models/image-input";
import { knownDetector } from "./known-detector.ts";

/** How pictures are fed to a model that is none of the detectors that Octet knows: what was not said is as for most models. */
export interface ImageFeed {
  /** What a black and a white pixel become. Default 0 and 1. */
  range?: { low: number; high: number };
  /** Default rgb. */
  channels?: InputSpec["channels"];
  /** Default letterbox. */
  resize?: InputSpec["resize"];
  /** Pixels, where the model leaves them open. Default what the file says it was trained at, else 640×640. */
  size?: { width: number; height: number };
}

export interface FedModel {
  /** Null for a model that is none of the known detectors: what it gives cannot be read as boxes. */
  spec: DetectorSpec | null;
  input: InputSpec;
  /** What the user should know; null for a known detector. */
  warning: string | null;
}

const MIDDLE_GREY = 114;

/**
 * What images a model takes: as its family wants them, or, of any other model with one N×3×H×W input, as is said.
 * @throws AppError BAD_INPUT where it is said of a known detector, or against the model; MODEL_UNRECOGNISED where it takes no image
 */
export function fedModel(signature: ModelSignature, feed: ImageFeed = {}): FedModel {
  const told = Object.values(feed).some((value) => value !== undefined);
  const { spec } = knownDetector(signature);
  if (spec && told)
    throw new AppError("BAD_INPUT", `Octet knows how a detector of the family ${spec.family} is fed`, {
      hint: "Leave the options about its input out.",
    });
  if (spec) return { spec, input: spec.input, warning: null };
  const image = imageInput(signature);
  if (typeof image === "string")
    throw new AppError("MODEL_UNRECOGNISED", `The model takes no image that Octet could feed: ${image}`, {
      hint: "Export it with one float32 input of N×3×H×W.",
    });
  const { range = { low: 0, high: 1 }, channels = "rgb", resize = "letterbox" } = feed;
  const scale = (range.high - range.low) / 255;
  const input: InputSpec = {
    ...image,
    ...sized(signature, image, feed.size),
    channels,
    resize,
    padValue: MIDDLE_GREY,
    mean: -range.low / scale,
    scale,
  };
  return {
    spec: null,
    input,
    warning:
      `This is none of the detectors that Octet knows. It is fed ${channels.toUpperCase()} from ${range.low} to ${range.high} at ` +
      `${input.width}×${input.height} (${resize})${told ? "" : "; say so where it wants something else (--input-range, --input-channels, --input-resize, --input-size)"}, ` +
      "and judged by what it gives, not by detections.",
  };
}

function sized(
  signature: ModelSignature,
  image: { width: number; height: number },
  size: ImageFeed["size"],
): { width: number; height: number } {
  if (!size) return { width: image.width, height: image.height };
  const [, , height, width] = signature.inputs[0]!.shape;
  const against = (fixed: unknown, wanted: number) => typeof fixed === "number" && fixed > 0 && fixed !== wanted;
  if (against(width, size.width) || against(height, size.height))
    throw new AppError("BAD_INPUT", `The model takes ${image.width}×${image.height}, not ${size.width}×${size.height}`, {
      hint: "Leave --input-size out: the model's size is fixed.",
    });
  return size;
}
