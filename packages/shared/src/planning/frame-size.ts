import { z } from "zod";

/** Pixels. 8192 is the most that NVDEC takes. */
export const frameSizeSchema = z.object({
  width: z.number().int().min(16).max(8192),
  height: z.number().int().min(16).max(8192),
});
export type FrameSize = z.infer<typeof frameSizeSchema>;

export const fullHd: FrameSize = { width: 1920, height: 1080 };
export const pixels = ({ width, height }: FrameSize): number => width * height;
export const sizeName = ({ width, height }: FrameSize): string => `${width}×${height}`;

/** "1920x1080" or "1920×1080"; null where it is neither. */
export function parseFrameSize(text: string): FrameSize | null {
  const match = /^\s*(\d{1,5})\s*[x×X]\s*(\d{1,5})\s*$/.exec(text);
  const size = match && frameSizeSchema.safeParse({ width: Number(match[1]), height: Number(match[2]) });
  return size?.success ? size.data : null;
}
