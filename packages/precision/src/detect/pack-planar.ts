import type { InputSpec } from "@octet/vision/models/family";
import type { ResizePlan } from "@octet/vision/letterbox/letterbox";

/**
 * Places scaled content (interleaved RGB, contentWidth × contentHeight) in a model's input: planar bytes, 3·H·W, in the
 * model's channel order, with its padding around.
 */
export function packPlanar(
  rgb: Uint8Array,
  plan: ResizePlan,
  { channels, padValue }: Pick<InputSpec, "channels" | "padValue">,
): Uint8Array {
  const { contentWidth, contentHeight, dstWidth, dstHeight, padX, padY } = plan;
  const plane = dstWidth * dstHeight;
  const planar = new Uint8Array(3 * plane).fill(padValue);
  const first = channels === "rgb" ? 0 : 2 * plane;
  const third = 2 * plane - first;
  for (let y = 0; y < contentHeight; y++) {
    let from = y * contentWidth * 3;
    const begin = (y + padY) * dstWidth + padX;
    for (let to = begin; to < begin + contentWidth; to++) {
      planar[first + to] = rgb[from++]!;
      planar[plane + to] = rgb[from++]!;
      planar[third + to] = rgb[from++]!;
    }
  }
  return planar;
}
