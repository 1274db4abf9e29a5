import { table } from "../output/table.ts";
import { bytes, count } from "../output/units.ts";
import type { Conversion } from "@octet/precision/convert/convert-model";

/** For a person: how much became float16, and what did not, and why. */
export function conversionText({ out, sizeBytes, sizeBytesBefore, converted, kept, casts, ranges, warning }: Conversion): string {
  const reasons = new Map<string, { opType: string; reason: string; nodes: string[] }>();
  for (const { node, opType, reason } of kept) {
    const key = `${opType} ${reason}`;
    const known = reasons.get(key);
    if (known) known.nodes.push(node);
    else reasons.set(key, { opType, reason, nodes: [node] });
  }
  const observed = ranges
    ? [
        `observed on ${count(ranges.images, "image")}: largest magnitude ${ranges.largest === null ? "not finite" : ranges.largest.toPrecision(4)}`,
      ]
    : [];
  const head = [
    `wrote ${out}: ${bytes(sizeBytes)}, before ${bytes(sizeBytesBefore)}`,
    `${count(converted, "node")} in float16, ${kept.length} in float32, ${count(casts, "cast")}`,
    ...observed,
    ...(warning ? [`warning: ${warning}`] : []),
  ].join("\n");
  if (kept.length === 0) return head;
  const rows = table(
    [...reasons.values()],
    [
      { title: "IN FLOAT32", of: ({ opType }) => opType },
      { title: "NODES", of: ({ nodes }) => `${nodes.length}`, align: "right" },
      { title: "FIRST", of: ({ nodes }) => nodes[0] ?? "" },
      { title: "WHY", of: ({ reason }) => reason },
    ],
    "",
  );
  return `${head}\n\n${rows}`;
}
