import type { Inspection } from "@octet/precision/inspect/inspect-model";
import type { TensorInfo } from "@octet/vision/models/family";
import { shapeText } from "@octet/vision/models/outputs";
import { table } from "../output/table.ts";
import { bytes } from "../output/units.ts";

/** 1.72 M; decimal. */
export function quantity(count: number): string {
  for (const [size, unit] of [
    [1e9, "G"],
    [1e6, "M"],
    [1e3, "k"],
  ] as const)
    if (count >= size) return `${(count / size).toFixed(2)} ${unit}`;
  return `${count}`;
}

/** For a person: the model's head, its tensors, its operators and what they compute in. */
export function inspectionText(inspection: Inspection): string {
  const { stats, family, licence, unrecognised, opsets, countedAt } = inspection;
  const head = [
    `${inspection.path}: ${bytes(inspection.sizeBytes)}, sha256 ${inspection.sha256.slice(0, 16)}…`,
    family ? `family ${family}` : `no known detector. ${unrecognised}`,
    ...(licence ? [`licence ${licence.name} (${licence.origin}). ${licence.note}`] : []),
    `ONNX IR ${inspection.irVersion}, ${Object.entries(opsets)
      .map(([domain, version]) => `${domain} ${version}`)
      .join(", ")}${inspection.producer ? `, made by ${inspection.producer}` : ""}`,
    `${quantity(stats.parameters)} parameters, ${quantity(stats.macs)} multiply-adds and ${quantity(stats.layerElements)} activations an image${countedAt ? ` of ${countedAt.width}×${countedAt.height}` : ""}, ${bytes(stats.tensorBytes)} of constants`,
  ].map((line) => line.replaceAll(/\p{Cc}/gu, " "));
  const tensors: (TensorInfo & { kind: string })[] = [
    ...inspection.inputs.map((tensor) => ({ kind: "input", ...tensor })),
    ...inspection.outputs.map((tensor) => ({ kind: "output", ...tensor })),
  ];
  return [
    head.join("\n"),
    table(
      tensors,
      [
        { title: "TENSOR", of: ({ kind }) => kind },
        { title: "NAME", of: ({ name }) => name },
        { title: "TYPE", of: ({ type }) => type },
        { title: "SHAPE", of: (tensor) => shapeText(tensor) },
      ],
      "",
    ),
    table(
      stats.precisions,
      [
        { title: "PRECISION", of: ({ precision }) => precision },
        { title: "LAYERS", of: ({ layers }) => `${layers}`, align: "right" },
        { title: "MULTIPLY-ADDS", of: ({ macs }) => quantity(macs), align: "right" },
        { title: "SHARE", of: ({ macs }) => (stats.macs > 0 ? `${((100 * macs) / stats.macs).toFixed(1)} %` : ""), align: "right" },
      ],
      "no layers that multiply",
    ),
    table(
      stats.weights,
      [
        { title: "WEIGHTS", of: ({ dataType }) => dataType },
        { title: "TENSORS", of: ({ tensors: count }) => `${count}`, align: "right" },
        { title: "ELEMENTS", of: ({ elements }) => quantity(elements), align: "right" },
        { title: "SIZE", of: ({ bytes: size }) => bytes(size), align: "right" },
      ],
      "no weights",
    ),
    `${stats.nodes} nodes: ${stats.ops.map(({ opType, count }) => `${count} ${opType}`).join(", ")}`,
  ].join("\n\n");
}
