import { AppError } from "../errors.ts";
import { estimated, type Figure, published } from "./figure.ts";
import type { Gpu, GpuKind } from "./gpu.ts";
import { jetsons } from "./jetson-catalogue.ts";
import type { NvdecGeneration } from "./nvdec.ts";

interface Card {
  id: string;
  name: string;
  kind?: GpuKind;
  gigabytes: number;
  /** GB/s */
  bandwidth: number;
  /** TFLOPS, TFLOPS, TOPS, all dense */
  teraOps: readonly [fp32: number, fp16: number, int8: number];
  generation: NvdecGeneration;
  engines: number;
  /** Where the sheet does not say the engines. */
  enginesFrom?: string;
  clockRatio?: Figure;
  watts: number;
  /** NVIDIA's document; its figures were held against copies of it by third parties, the document itself was not at hand. */
  sheet: string;
}

const atPublishedClock = published(1, "rates are published for its generation");
const unknownClock = estimated(1, "clock relative to Turing's is not published: taken as equal");

function card({ kind = "server", teraOps: [fp32, fp16, int8], ...card }: Card): Gpu {
  const from = `${card.sheet}, checked against third-party copies`;
  const figure = (value: number) => published(value, from);
  return {
    id: card.id,
    name: card.name,
    kind,
    memoryBytes: figure(card.gigabytes * 1e9),
    systemBytes: figure(0),
    bandwidth: figure(card.bandwidth * 1e9),
    peak: { fp32: figure(fp32 * 1e12), fp16: figure(fp16 * 1e12), int8: figure(int8 * 1e12) },
    decoder: {
      generation: card.generation,
      engines: published(card.engines, card.enginesFrom ?? from),
      clockRatio: card.clockRatio ?? atPublishedClock,
    },
    powerWatts: figure(card.watts),
    batch: 16,
  };
}

const cards: readonly Gpu[] = [
  {
    id: "t4",
    name: "NVIDIA T4",
    gigabytes: 16,
    bandwidth: 320,
    teraOps: [8.1, 65, 130] as const,
    generation: "turing" as const,
    engines: 2,
    enginesFrom: "NVIDIA Video Encode and Decode GPU Support Matrix, not yet checked against it",
    watts: 70,
    sheet: "NVIDIA T4 datasheet, bandwidth by its product brief",
  },
  {
    id: "a10",
    name: "NVIDIA A10",
    gigabytes: 24,
    bandwidth: 600,
    teraOps: [31.2, 125, 250] as const,
    generation: "ampere" as const,
    engines: 2,
    watts: 150,
    sheet: "NVIDIA A10 datasheet",
  },
  {
    id: "l4",
    name: "NVIDIA L4",
    gigabytes: 24,
    bandwidth: 300,
    teraOps: [30.3, 121, 242] as const,
    generation: "ada" as const,
    engines: 4,
    enginesFrom: "third-party specifications of the L4",
    watts: 72,
    sheet: "NVIDIA L4 datasheet, less sparsity",
  },
  {
    id: "l40s",
    name: "NVIDIA L40S",
    gigabytes: 48,
    bandwidth: 864,
    teraOps: [91.6, 362, 733] as const,
    generation: "ada" as const,
    engines: 3,
    watts: 350,
    sheet: "NVIDIA L40S datasheet, dense as printed (half its sparse FP16 would be 366)",
  },
  {
    id: "a100",
    name: "NVIDIA A100 80 GB",
    gigabytes: 80,
    bandwidth: 2039,
    teraOps: [19.5, 312, 624] as const,
    generation: "ga100" as const,
    engines: 5,
    enginesFrom: "NVIDIA MIG profiles of the A100 (7g.80gb), checked against third-party copies",
    clockRatio: unknownClock,
    watts: 400,
    sheet: "NVIDIA A100 datasheet (SXM)",
  },
  {
    id: "h100",
    name: "NVIDIA H100 80 GB",
    gigabytes: 80,
    bandwidth: 3350,
    teraOps: [67, 989, 1979] as const,
    generation: "hopper" as const,
    engines: 7,
    clockRatio: unknownClock,
    watts: 700,
    sheet: "NVIDIA H100 datasheet (SXM), less sparsity",
  },
  {
    id: "h200",
    name: "NVIDIA H200",
    gigabytes: 141,
    bandwidth: 4800,
    teraOps: [67, 989, 1979] as const,
    generation: "hopper" as const,
    engines: 7,
    clockRatio: unknownClock,
    watts: 700,
    sheet: "NVIDIA H200 datasheet (SXM), less sparsity",
  },
  {
    id: "rtx-4090",
    name: "GeForce RTX 4090",
    kind: "desktop" as const,
    gigabytes: 24,
    bandwidth: 1008,
    teraOps: [82.6, 165.2, 660.6] as const,
    generation: "ada" as const,
    engines: 1,
    watts: 450,
    sheet: "NVIDIA Ada GPU architecture whitepaper (FP16 with FP32 accumulation)",
  },
].map(card);

/** Every GPU that a plan may name, but for "this-host". */
export const gpus: readonly Gpu[] = [...cards, ...jetsons];

export const THIS_HOST = "this-host";
/** Where it stands in a sentence: "one NVIDIA A10", "this host". */
export const oneOf = ({ id, name }: Pick<Gpu, "id" | "name">): string => (id === THIS_HOST ? "this host" : `one ${name}`);
export const gpuIds: readonly string[] = [...gpus.map(({ id }) => id), THIS_HOST];

/** Words by which a driver names a slower or smaller variant of a card in the catalogue. */
const otherVariant = new Set(["pcie", "nvl", "40gb", "64gb", "laptop", "mobile", "d"]);

/** The catalogue's GPU that a driver's name means, such as "NVIDIA A10" or "Tesla T4"; null where it is none, or another variant. */
export function gpuByDriverName(driverName: string): Gpu | null {
  const words = driverName
    .toLowerCase()
    .split(/[^a-z0-9]+/)
    .filter(Boolean);
  if (words.some((word) => otherVariant.has(word))) return null;
  return cards.find(({ id }) => id.split("-").every((part) => words.includes(part))) ?? null;
}

/** @throws AppError BAD_INPUT that lists the ids */
export function gpuById(id: string): Gpu {
  const gpu = gpus.find((candidate) => candidate.id === id);
  if (!gpu) throw new AppError("BAD_INPUT", `There is no GPU "${id}" in the catalogue`, { hint: `It has: ${gpuIds.join(", ")}.` });
  return gpu;
}
