export type ResizeMode = "letterbox" | "stretch";

/** Where a source frame lies in the model's input; the same shape as the vision package's plan. Pixels. */
export interface ResizePlan {
  mode: ResizeMode;
  /** contentWidth / srcWidth */
  scaleX: number;
  scaleY: number;
  /** Left edge of the content in the destination. */
  padX: number;
  padY: number;
  contentWidth: number;
  contentHeight: number;
  srcWidth: number;
  srcHeight: number;
  dstWidth: number;
  dstHeight: number;
}

/** Plans a resize: `letterbox` keeps the aspect ratio and centres the content, `stretch` fills the destination. */
export function planResize(mode: ResizeMode, srcWidth: number, srcHeight: number, dstWidth: number, dstHeight: number): ResizePlan {
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
