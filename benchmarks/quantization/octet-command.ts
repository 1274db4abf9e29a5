import { execFile } from "node:child_process";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";

const run = promisify(execFile);
const octet = fileURLToPath(new URL("../../apps/cli/bin/octet.mjs", import.meta.url));

/** What `octet quantize --json` says, as far as results repeat it. */
export interface QuantizeAnswer {
  method: string;
  refinement: string;
  weightBits: number;
  calibrationImages: number;
  /** How many layers are of which precision, and why. */
  layers: Record<string, number>;
  warnings: string[];
  /** Decoding the images included. */
  seconds: number;
}

/** `octet quantize` with its default options, as a user runs it. @throws Error with what it said */
export async function quantizeByCommand(model: string, calibration: string, samples: number, out: string): Promise<QuantizeAnswer> {
  const args = [octet, "quantize", model, "--calibration", calibration, "--samples", String(samples), "--out", out, "--json"];
  try {
    const { stdout } = await run(process.execPath, args, { maxBuffer: 2 ** 26 });
    const { method, refinement, weightBits, calibrationImages, layers, warnings, seconds } = JSON.parse(stdout) as QuantizeAnswer;
    return { method, refinement, weightBits, calibrationImages, layers, warnings, seconds };
  } catch (error) {
    const { stdout = "", stderr = "", message } = error as { stdout?: string; stderr?: string; message: string };
    throw new Error(`octet quantize ${model} failed: ${(stdout + stderr).trim() || message}`, { cause: error });
  }
}
