import type { ImageFeed } from "@octet/precision/detect/image-feed";
import { type Command, InvalidArgumentError, Option } from "commander";
import { frameSize } from "./options.ts";

/** What is said of a model's input, as commander has it. */
export interface ImageFeedOptions {
  inputRange?: ImageFeed["range"];
  inputChannels?: ImageFeed["channels"];
  inputResize?: ImageFeed["resize"];
  inputSize?: ImageFeed["size"];
}

/** How a model that is none of the known detectors is fed. */
export function addImageFeedOptions(command: Command): Command {
  return command
    .option("--input-range <low:high>", "of a model that Octet does not know: what black and white become, such as 0:255 (0:1)", range)
    .addOption(new Option("--input-channels <order>", "of such a model (rgb)").choices(["rgb", "bgr"]))
    .addOption(new Option("--input-resize <how>", "of such a model (letterbox)").choices(["letterbox", "stretch"]))
    .option("--input-size <width>x<height>", "of such a model, where it takes any (640x640)", frameSize);
}

export function imageFeedOf({ inputRange, inputChannels, inputResize, inputSize }: ImageFeedOptions): ImageFeed {
  return {
    ...(inputRange && { range: inputRange }),
    ...(inputChannels && { channels: inputChannels }),
    ...(inputResize && { resize: inputResize }),
    ...(inputSize && { size: inputSize }),
  };
}

function range(text: string): { low: number; high: number } {
  const [low, high, ...more] = text.split(":").map((part) => (part.trim() === "" ? Number.NaN : Number(part)));
  if (low === undefined || high === undefined || more.length > 0 || !Number.isFinite(low) || !Number.isFinite(high) || low >= high)
    throw new InvalidArgumentError("Give two numbers, the lower one first, such as 0:1, 0:255 or -1:1.");
  return { low, high };
}
