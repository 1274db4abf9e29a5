// One quantisation in a process of its own, so that its peak memory is its own.
import { readFileSync } from "node:fs";
import { feedsOfBytes } from "./image-bytes.ts";
import { quantizeOctet } from "./octet-int8.ts";
import type { QuantizeCost, QuantizeJob } from "./quantize-job.ts";

const { model, out, imageBytes, count, input, method, refined } = JSON.parse(process.argv[2]!) as QuantizeJob;
const started = performance.now();
await quantizeOctet({ model, out, feeds: (some) => () => feedsOfBytes(imageBytes, some, input), images: count, method, refined });
const cost: QuantizeCost = { seconds: (performance.now() - started) / 1000, peakBytes: peakBytes() };
process.stdout.write(JSON.stringify(cost));

/** Linux's getrusage may give what the parent had before exec; the high-water mark of the address space cannot. */
function peakBytes(): number {
  try {
    return Number(/^VmHWM:\s*(\d+) kB$/m.exec(readFileSync("/proc/self/status", "utf8"))![1]) * 1024;
  } catch {
    return process.resourceUsage().maxRSS * 1024;
  }
}
