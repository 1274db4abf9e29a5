import { execFile } from "node:child_process";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";
import type { InputSpec } from "@octet/vision/models/family";

const run = promisify(execFile);
const script = fileURLToPath(new URL("./ort_quantize.py", import.meta.url));

export interface PeerJob {
  model: string;
  out: string;
  /** N×3×H×W bytes (`writeImageBytes`). */
  images: string;
  count: number;
  input: InputSpec;
  method?: "minmax" | "percentile" | "entropy";
  /** 7-bit weights. */
  reduceRange?: boolean;
}

export interface PeerRun {
  /** Preparing, calibrating and quantising, without the start of Python. */
  seconds: number;
  prepareSeconds: number;
  quantizeSeconds: number;
  peakBytes: number;
}

/** ONNX Runtime's Python quantizer, in a process of its own for each model. */
export class OrtQuantizer {
  readonly versions: Readonly<Record<string, string>>;
  private readonly python: string;

  private constructor(python: string, versions: Record<string, string>) {
    this.python = python;
    this.versions = versions;
  }

  /** Null where OCTET_PEER_PYTHON names no Python. @throws Error where it names one that lacks a package */
  static async find(): Promise<OrtQuantizer | null> {
    const python = process.env.OCTET_PEER_PYTHON;
    if (!python) return null;
    const { stdout } = await run(python, [script, "--versions"]);
    return new OrtQuantizer(python, JSON.parse(stdout) as Record<string, string>);
  }

  /** @throws Error with the last line that Python wrote */
  async quantize({ model, out, images, count, input, method = "minmax", reduceRange = false }: PeerJob): Promise<PeerRun> {
    const options = {
      model,
      out,
      images,
      count,
      input: input.name,
      height: input.height,
      width: input.width,
      mean: input.mean,
      scale: input.scale,
      method,
    };
    const args = Object.entries(options).flatMap(([name, value]) => [`--${name}`, String(value)]);
    try {
      const { stdout } = await run(this.python, [script, ...args, ...(reduceRange ? ["--reduce-range"] : [])], { maxBuffer: 2 ** 26 });
      return JSON.parse(stdout.trim().split("\n").at(-1)!) as PeerRun;
    } catch (error) {
      const { stderr = "", message } = error as { stderr?: string; message: string };
      throw new Error(`the peer failed: ${stderr.trim().split("\n").at(-1) || message}`, { cause: error });
    }
  }
}
