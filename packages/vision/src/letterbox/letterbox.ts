export type ResizeMode = "letterbox" | "stretch";

/** Where a source frame lies in a model's input. All lengths in pixels. */
export interface ResizePlan {
  mode: ResizeMode;
  /** contentWidth / srcWidth */
  scaleX: number;
  /** contentHeight / srcHeight */
  scaleY: number;
  /** Left edge of the content in the input. */
  padX: number;
  /** Top edge of the content in the input. */
  padY: number;
  contentWidth: number;
  contentHeight: number;
  srcWidth: number;
  srcHeight: number;
  dstWidth: number;
  dstHeight: number;
}

export interface ResizeRequest {
  srcWidth: number;
  srcHeight: number;
  dstWidth: number;
  dstHeight: number;
  mode: ResizeMode;
}

/**
 * Plans a resize: `letterbox` keeps the aspect ratio and centres the content, `stretch` fills the input.
 * Content size and padding are whole pixels, so that `toFrame` inverts exactly what the scaler did.
 */
export function planResize({ srcWidth, srcHeight, dstWidth, dstHeight, mode }: ResizeRequest): ResizePlan {
  const ratio = Math.min(dstWidth / srcWidth, dstHeight / srcHeight);
  const contentWidth = mode === "stretch" ? dstWidth : Math.max(1, Math.round(srcWidth * ratio));
  const contentHeight = mode === "stretch" ? dstHeight : Math.max(1, Math.round(srcHeight * ratio));
  return {
    mode,
    scaleX: contentWidth / srcWidth,
    scaleY: contentHeight / srcHeight,
    padX: Math.floor((dstWidth - contentWidth) / 2),
    padY: Math.floor((dstHeight - contentHeight) / 2),
    contentWidth,
    contentHeight,
    srcWidth,
    srcHeight,
    dstWidth,
    dstHeight,
  };
}

/** A point of the model's input, in pixels, as fractions of the source frame; outside 0–1 where it lies in the padding. */
export function toFrame(plan: ResizePlan, x: number, y: number): [fx: number, fy: number] {
  return [(x - plan.padX) / plan.contentWidth, (y - plan.padY) / plan.contentHeight];
}
