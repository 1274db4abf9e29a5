import type { FigureSource } from "@octet/shared/planning/figure";
import type { Resource } from "@octet/shared/planning/resources";
import { cn } from "@/lib/cn";

/** One colour a resource, that holds on light and on dark. */
export const resourceColours: Readonly<Record<Resource, string>> = {
  decode: "#2f86d6",
  compute: "#8f63f0",
  memory: "#c1861a",
  bandwidth: "#16a070",
  latency: "#df5f3c",
};

export const resourceNames: Readonly<Record<Resource, string>> = {
  decode: "Decode",
  compute: "Compute",
  memory: "Memory",
  bandwidth: "Bandwidth",
  latency: "Latency",
};

/** Of the parts of a sum, in their order. */
export const partColours = ["#2f86d6", "#8f63f0", "#c1861a", "#16a070", "#df5f3c"] as const;

const looks: Readonly<Record<FigureSource, string>> = {
  measured: "border-ok/60 text-ok",
  published: "border-line text-ink",
  estimated: "border-warn/60 text-warn border-dashed",
};

/** How a figure is known. */
export const SourceChip = ({ source, from }: { source: FigureSource; from?: string | undefined }) => (
  <span className={cn("rounded border px-1.5 py-px text-[0.68rem] leading-4 whitespace-nowrap", looks[source])} title={from}>
    {source}
  </span>
);

/** Rounded for reading: 9 %, 117 %, ×12. */
export const shareText = (share: number): string => (share >= 10 ? `×${share.toFixed(0)}` : `${Math.round(share * 100)} %`);
