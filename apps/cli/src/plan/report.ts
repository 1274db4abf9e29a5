import type { RunDifference } from "@octet/shared/planning/differences";
import { sizeName } from "@octet/shared/planning/frame-size";
import { latencyPartNames } from "@octet/shared/planning/latency";
import { memoryPartNames } from "@octet/shared/planning/memory";
import { codecNames } from "@octet/shared/planning/nvdec";
import type { Plan } from "@octet/shared/planning/plan";
import { precisionFormats } from "@octet/shared/planning/precision";
import { type ResourceLoad, resources } from "@octet/shared/planning/resources";
import type { comparePrecisions } from "@octet/shared/planning/sweep";
import { table } from "../output/table.ts";
import { bytes, count, milliseconds } from "../output/units.ts";

const BAR_WIDTH = 24;

/** A bar to 100 %, and an arrow where the load goes beyond. */
export function bar(load: number): string {
  const filled = Math.min(BAR_WIDTH, Math.round(load * BAR_WIDTH));
  return `[${"#".repeat(filled)}${" ".repeat(BAR_WIDTH - filled)}]${load > 1 ? ">" : " "}`;
}

const share = (value: number): string => `${(value * 100).toFixed(0)} %`;

/** 1496 frames/s, 9.1 GB, 12 GB/s, 28 ms. */
export function amount(value: number, unit: ResourceLoad["unit"]): string {
  if (unit === "bytes") return bytes(value);
  if (unit === "bytes/s") return `${bytes(value)}/s`;
  return `${value < 10 ? value.toFixed(1) : value.toFixed(0)} ${unit}`;
}

type Compared = ReturnType<typeof comparePrecisions>;

/** One figure's parts and their sum, a column for each precision. */
function partsTable<Part extends string>(
  title: string,
  names: Readonly<Record<Part, string>>,
  precisions: Compared,
  of: (plan: Plan) => Readonly<Record<Part | "total", number>>,
  text: (value: number) => string,
): string {
  const parts: (Part | "total")[] = [...(Object.keys(names) as Part[]), "total"];
  return table(
    parts,
    [
      { title, of: (part) => (part === "total" ? "total" : names[part]) },
      ...precisions.map(({ precision, plan }) => ({
        title: precisionFormats[precision].name,
        of: (part: Part | "total") => (plan ? text(of(plan)[part]) : "–"),
        align: "right" as const,
      })),
    ],
    "",
  );
}

/** For a person: the verdict, the loads as bars, the three precisions and what makes them up, the hosts, and why. */
export function planText(
  plan: Plan,
  precisions: Compared,
  { tree, publishedRun }: { tree: string | null; publishedRun: RunDifference | null },
): string {
  const differences = [...(tree ? [tree] : []), ...(publishedRun?.comparable ? [`Published run: ${publishedRun.text}`] : [])];
  const { input, loads, hosts, explanation } = plan;
  const would = `${count(plan.streams, "stream")}${input.others.length > 0 ? " of this mix" : ""} would`;
  const verdict = plan.fits
    ? `fits: ${would}; ${plan.bottleneck} ends first`
    : `does not fit: ${would}; ${plan.bottleneck} is at ${share(loads[plan.bottleneck].load)}`;
  return [
    [
      ...[input, ...input.others].map(
        ({ streams, resolution, codec, fps, detectFps }) =>
          `${count(streams, "stream")} of ${sizeName(resolution)} ${codecNames[codec]} at ${fps} fps, ${detectFps} inferred a second`,
      ),
      `${plan.gpu.name}, ${plan.model.name} in ${precisionFormats[input.precision].name}, decoded at ${sizeName(plan.decoded)}${input.decodeSize ? ` (${input.decodeMode})` : ""}, batch ${plan.batch}`,
      verdict,
    ].join("\n"),
    table(
      resources.map((resource) => loads[resource]),
      [
        { title: "RESOURCE", of: ({ resource }) => (resource === plan.bottleneck ? `${resource} *` : resource) },
        { title: "", of: ({ load }) => bar(load) },
        { title: "LOAD", of: ({ load }) => share(load), align: "right" },
        { title: "HEADROOM", of: ({ headroom }) => share(headroom), align: "right" },
        { title: "USED", of: ({ used, unit }) => amount(used, unit), align: "right" },
        { title: "OF", of: ({ capacity, unit }) => amount(capacity, unit), align: "right" },
        { title: "STREAMS", of: ({ streams }) => (streams === null ? "any" : `${streams}`), align: "right" },
        { title: "KNOWN", of: ({ source }) => source },
      ],
      "",
    ),
    table(
      precisions,
      [
        { title: "PRECISION", of: ({ precision }) => precisionFormats[precision].name },
        { title: "FITS", of: ({ plan: each }) => (each ? (each.fits ? "yes" : "no") : "–") },
        { title: "STREAMS", of: ({ plan: each }) => (each ? `${each.streams}` : "–"), align: "right" },
        { title: "BOTTLENECK", of: ({ plan: each, reason }) => each?.bottleneck ?? reason ?? "–" },
        { title: "COMPUTE", of: ({ plan: each }) => (each ? share(each.loads.compute.load) : "–"), align: "right" },
        { title: "GPU", of: ({ plan: each }) => (each ? share(each.utilisation.gpu) : "–"), align: "right" },
        { title: "DECODER", of: ({ plan: each }) => (each ? share(each.utilisation.decoder) : "–"), align: "right" },
        { title: "MEMORY", of: ({ plan: each }) => (each ? bytes(each.memory.total) : "–"), align: "right" },
        { title: "LATENCY", of: ({ plan: each }) => (each ? `${each.latency.total.toFixed(0)} ms` : "–"), align: "right" },
      ],
      "",
    ),
    partsTable("MEMORY", memoryPartNames, precisions, ({ memory }) => memory, bytes),
    partsTable("LATENCY", latencyPartNames, precisions, ({ latency }) => latency, milliseconds),
    hosts.needed === null
      ? "hosts: not one stream fits on this GPU"
      : `hosts: ${hosts.needed}, and ${hosts.withSpare} so that one may fail (${hosts.streamsEach} streams each, ${hosts.streamsEachAfterLoss} after a loss)`,
    [
      "why:",
      ...explanation.steps.map(({ text, branch }) => `  ${text} ${branch}`),
      `  → ${explanation.advice.text}`,
      ...differences.map((text) => `  ${text}`),
      ...plan.notes.map((note) => `note: ${note}`),
    ].join("\n"),
  ].join("\n\n");
}
