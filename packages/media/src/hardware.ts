import type { Availability } from "@octet/shared/domain/worker";
import type { AVHWDeviceType } from "node-av/constants";
import {
  AV_HWDEVICE_TYPE_CUDA,
  AV_HWDEVICE_TYPE_D3D11VA,
  AV_HWDEVICE_TYPE_QSV,
  AV_HWDEVICE_TYPE_VAAPI,
  AV_HWDEVICE_TYPE_VIDEOTOOLBOX,
  AV_LOG_QUIET,
} from "node-av/constants";
import { Dictionary, FFmpegError, HardwareDeviceContext, Log } from "node-av/lib";

interface HardwareType {
  name: string;
  type: AVHWDeviceType;
  platforms: NodeJS.Platform[];
}

/** In order of preference. */
const types: HardwareType[] = [
  { name: "cuda", type: AV_HWDEVICE_TYPE_CUDA, platforms: ["linux", "win32"] },
  { name: "videotoolbox", type: AV_HWDEVICE_TYPE_VIDEOTOOLBOX, platforms: ["darwin"] },
  { name: "d3d11va", type: AV_HWDEVICE_TYPE_D3D11VA, platforms: ["win32"] },
  { name: "vaapi", type: AV_HWDEVICE_TYPE_VAAPI, platforms: ["linux"] },
  { name: "qsv", type: AV_HWDEVICE_TYPE_QSV, platforms: ["linux", "win32"] },
];

export interface HardwareDevice {
  name: string;
  type: AVHWDeviceType;
  context: HardwareDeviceContext;
}

/**
 * The context that CUDA's runtime, and so ONNX Runtime, uses in this process. A context of its own for each thread costs hundreds of
 * MB of GPU memory, and contexts take turns on a GPU instead of sharing it. FFmpeg refuses where the context is there already
 * with other flags than its own (it waits without spinning): then a context of one's own still works.
 */
const SHARED_CONTEXT = { primary_ctx: "1" };

/** Really opens the device: what is compiled in says nothing about what the host has. */
function tryCreate(entry: HardwareType, gpu: number | null = null): HardwareDevice | string {
  if (!entry.platforms.includes(process.platform)) return `not on ${process.platform}`;
  const device = entry.name === "cuda" && gpu !== null ? String(gpu) : null;
  let failure = 0;
  for (const options of entry.name === "cuda" ? [SHARED_CONTEXT, null] : [null]) {
    const context = new HardwareDeviceContext();
    using dictionary = options && Dictionary.fromObject(options);
    failure = context.create(entry.type, device, dictionary);
    if (failure >= 0) return { name: entry.name, type: entry.type, context };
    context.free();
  }
  return `the device did not open: ${FFmpegError.strerror(failure)}`;
}

let shared: HardwareDevice[] | null = null;
let gpuIndex: number | null = null;

/** Which of several NVIDIA GPUs this thread's decoders use, by CUDA's index; before the first decoder is made. */
export function useGpu(index: number | null): void {
  gpuIndex = index;
}

/** The devices of this host, opened once per thread and shared by its decoders. */
export function hardwareDevices(): HardwareDevice[] {
  shared ??= types
    .filter((entry) => entry.name !== "qsv")
    .map((entry) => tryCreate(entry, gpuIndex))
    .filter((device) => typeof device !== "string");
  return shared;
}

/** What this host can decode with, found by trying. "software" is always there. */
export async function probeDecoders(): Promise<Availability[]> {
  // FFmpeg reports each missing driver on stderr otherwise; the reason is in the report.
  Log.setLevel(AV_LOG_QUIET);
  const report: Availability[] = [{ name: "software", available: true, detail: "FFmpeg, one thread a camera" }];
  for (const entry of types) {
    const device = tryCreate(entry);
    if (typeof device === "string") report.push({ name: entry.name, available: false, detail: device });
    else {
      device.context.free();
      report.push({ name: entry.name, available: true, detail: "the device opened" });
    }
    // Opening a device may take a while: let others run in between.
    await new Promise((resolve) => setImmediate(resolve));
  }
  return report;
}
