import { seededRandom } from "@octet/shared/seeded-random";

export interface SyntheticOptions {
  width: number;
  height: number;
  fps: number;
  seed: number;
  /** Length of a pass that is not `realtime`, frames. */
  frames: number;
}

/** Reads `synthetic:faces?size=1280x720&fps=25&seed=1`; what is missing or absurd takes its default. */
export function parseSyntheticUrl(url: string): SyntheticOptions {
  const query = new URLSearchParams(url.includes("?") ? url.slice(url.indexOf("?") + 1) : "");
  const size = /^(\d{2,4})x(\d{2,4})$/.exec(query.get("size") ?? "");
  const number = (name: string, fallback: number, low: number, high: number) => {
    const value = Number(query.get(name) ?? fallback);
    return Number.isFinite(value) ? Math.min(high, Math.max(low, value)) : fallback;
  };
  const even = (value: number) => Math.min(3840, Math.max(64, value - (value % 2)));
  return {
    width: even(Number(size?.[1] ?? 1280)),
    height: even(Number(size?.[2] ?? 720)),
    fps: number("fps", 25, 1, 120),
    seed: Math.round(number("seed", 1, 0, 2 ** 31)),
    frames: Math.round(number("frames", 250, 1, 1_000_000)),
  };
}

interface Face {
  /** Middle of its orbit, pixels. */
  x: number;
  y: number;
  orbitX: number;
  orbitY: number;
  /** Radians a second. */
  speed: number;
  phase: number;
  radius: number;
}

/** Draws pictures of face-like ovals before a gradient, as YUV 4:2:0; the same seed and index give the same bytes. */
export class SyntheticPicture {
  readonly #o: SyntheticOptions;
  readonly #background: Buffer;
  readonly #faces: Face[];

  constructor(options: SyntheticOptions) {
    const { width, height, seed } = options;
    this.#o = options;
    const random = seededRandom(seed);
    this.#background = Buffer.alloc((width * height * 3) / 2, 128);
    const slope = 40 + random() * 80;
    for (let y = 0; y < height; y++)
      for (let x = 0; x < width; x++) this.#background[y * width + x] = 40 + (slope * x) / width + (40 * y) / height;
    this.#faces = Array.from({ length: 3 + Math.floor(random() * 3) }, () => ({
      x: width * (0.2 + 0.6 * random()),
      y: height * (0.25 + 0.5 * random()),
      orbitX: width * 0.15 * random(),
      orbitY: height * 0.15 * random(),
      speed: 0.4 + random(),
      phase: random() * 2 * Math.PI,
      radius: height * (0.05 + 0.07 * random()),
    }));
  }

  draw(index: number): Buffer {
    const picture = Buffer.from(this.#background);
    const seconds = index / this.#o.fps;
    for (const face of this.#faces) {
      const x = face.x + face.orbitX * Math.cos(face.phase + face.speed * seconds);
      const y = face.y + face.orbitY * Math.sin(face.phase + face.speed * seconds);
      const r = face.radius;
      this.#oval(picture, x, y, r * 0.8, r * 1.1, 170, 110, 150);
      for (const side of [-1, 1]) this.#oval(picture, x + side * r * 0.3, y - r * 0.25, r * 0.12, r * 0.08, 40, 128, 128);
      this.#oval(picture, x, y + r * 0.5, r * 0.3, r * 0.08, 90, 110, 170);
    }
    this.#counter(picture, index);
    return picture;
  }

  #oval(picture: Buffer, cx: number, cy: number, rx: number, ry: number, luma: number, u: number, v: number): void {
    const { width, height } = this.#o;
    const chroma = width * height;
    for (let y = Math.max(0, Math.ceil(cy - ry)); y <= Math.min(height - 1, cy + ry); y++) {
      const half = rx * Math.sqrt(Math.max(0, 1 - ((y - cy) / ry) ** 2));
      const from = Math.max(0, Math.ceil(cx - half));
      const to = Math.min(width - 1, Math.floor(cx + half));
      if (to < from) continue;
      picture.fill(luma, y * width + from, y * width + to + 1);
      if (y % 2 === 1) continue;
      const row = chroma + (y >> 1) * (width >> 1);
      picture.fill(u, row + (from >> 1), row + (to >> 1) + 1);
      picture.fill(v, row + (chroma >> 2) + (from >> 1), row + (chroma >> 2) + (to >> 1) + 1);
    }
  }

  /** The frame's number as 32 black and white blocks along the top edge, most significant bit first. */
  #counter(picture: Buffer, index: number): void {
    const { width } = this.#o;
    const block = Math.max(2, Math.floor(width / 40));
    for (let bit = 0; bit < 32; bit++) {
      const luma = (index >>> (31 - bit)) & 1 ? 235 : 16;
      for (let y = 0; y < block; y++) picture.fill(luma, y * width + bit * block, y * width + (bit + 1) * block);
    }
  }
}
