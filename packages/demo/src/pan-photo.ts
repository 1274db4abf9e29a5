import { AV_PIX_FMT_RGB24 } from "node-av/constants";
import { Frame } from "node-av/lib";
import sharp from "sharp";

export interface PanOptions {
  width: number;
  height: number;
  frames: number;
  /** The photograph is made this much wider than the picture, so that there is room to move. */
  zoom: number;
}

/** A camera that sweeps slowly over a photograph, there and back, so that it loops without a jump. */
export async function* panPhoto(path: string, { width, height, frames, zoom }: PanOptions): AsyncGenerator<Frame> {
  const wide = Math.round(width * zoom);
  const { data, info } = await sharp(path).rotate().resize(wide).removeAlpha().raw().toBuffer({ resolveWithObject: true });
  const roomX = info.width - width;
  const roomY = Math.max(0, info.height - height);
  const picture = Buffer.alloc(width * height * 3);
  const frame = new Frame();
  frame.alloc();
  Object.assign(frame, { width, height, format: AV_PIX_FMT_RGB24 });
  if (frame.getBuffer() < 0) throw new Error("no memory for a picture");
  try {
    for (let index = 0; index < frames; index++) {
      // One period of a cosine: it starts and ends at rest.
      const phase = (1 - Math.cos((2 * Math.PI * index) / frames)) / 2;
      const left = Math.round(roomX * phase);
      const top = Math.min(info.height - height, Math.round(roomY * (0.15 + 0.25 * phase)));
      for (let row = 0; row < height; row++) {
        const from = ((top + row) * info.width + left) * 3;
        data.copy(picture, row * width * 3, from, from + width * 3);
      }
      frame.makeWritable();
      frame.fromBuffer(picture);
      yield frame;
    }
  } finally {
    frame.free();
  }
}
