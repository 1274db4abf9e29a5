import { type CameraKind, cameraKindText, parseCameraKind } from "@octet/shared/planning/camera-kind";
import { detectorIds } from "@octet/shared/planning/detector-catalogue";
import type { FleetModel } from "@octet/shared/planning/fleet-report";
import { type FrameSize, parseFrameSize } from "@octet/shared/planning/frame-size";
import { THIS_HOST } from "@octet/shared/planning/gpu-catalogue";
import type { OwnModel } from "@octet/shared/planning/own-model";
import { type PlanInput, planInputSchema } from "@octet/shared/planning/plan-input";

/** The form as it is typed, and as it stands in the page's address: empty means none. */
export const emptyForm = {
  gpu: "a10",
  streams: "70",
  codec: "h264",
  resolution: "1920x1080",
  fps: "25",
  detectFps: "5",
  model: "yolov5s-face",
  precision: "int8",
  decodeSize: "",
  decodeMode: "substream",
  /** Further kinds of cameras, each as `cameraKindText`, with commas between. */
  others: "",
  batch: "",
  latency: "200",
  decoderDelay: "0",
  reserve: "0",
  accuracy: "95",
  inferenceRate: "",
  decodeRate: "",
  memoryGb: "",
  /** Where the measured rates are from. */
  measuredOn: "",
};
export type PlanForm = typeof emptyForm;
export type PlanField = keyof PlanForm;

const fields = Object.keys(emptyForm) as PlanField[];

export function readForm(params: URLSearchParams): PlanForm {
  return Object.fromEntries(fields.map((field) => [field, params.get(field) ?? emptyForm[field]])) as PlanForm;
}

/** Only what differs from the start, so that addresses stay short. */
export function writeForm(form: PlanForm): string {
  return new URLSearchParams(fields.filter((field) => form[field] !== emptyForm[field]).map((field) => [field, form[field]])).toString();
}

/** Further kinds as typed, part by part: what cannot be read stays as it is. */
export const otherKinds = ({ others }: PlanForm): string[][] =>
  others === "" ? [] : others.split(",").map((kind) => Array.from({ length: 5 }, (_, part) => kind.split(":")[part] ?? ""));

export const writeOtherKinds = (kinds: readonly (readonly string[])[]): string =>
  kinds.map((parts) => parts.map((part) => part.replaceAll(/[,:]/g, "")).join(":")).join(",");

/** The form's cameras as these are, the first as its own. */
export function withCameras([first, ...others]: readonly CameraKind[]): Partial<PlanForm> {
  if (!first) return {};
  const [streams = "", resolution = "", codec = "", fps = "", detectFps = ""] = cameraKindText(first).split(":");
  return { streams, resolution, codec, fps, detectFps, decodeSize: "", others: others.map(cameraKindText).join(",") };
}

/** The form's field by the path of a plan's input. */
const fieldOf: Readonly<Record<string, PlanField>> = {
  latencyTargetMs: "latency",
  decoderDelayFrames: "decoderDelay",
  inference: "inferenceRate",
  decode: "decodeRate",
  memoryBytes: "memoryGb",
};

const number = (text: string): number => (text.trim() === "" ? Number.NaN : Number(text));

const decodeSizeOf = ({ decodeSize }: PlanForm): FrameSize | null => (decodeSize.trim() === "" ? null : parseFrameSize(decodeSize));

/** Of the stream as the decoder gets it; null where that cannot be read. */
export function codedSize(form: PlanForm): FrameSize | null {
  const resolution = parseFrameSize(form.resolution);
  return form.decodeMode === "substream" ? (decodeSizeOf(form) ?? resolution) : resolution;
}

export type FormReading = { input: PlanInput; problems: null } | { input: null; problems: Partial<Record<PlanField, string>> };

/** The model of the site that is chosen; none of the catalogue's, a problem in words of what cannot be planned. */
function chosenModel({ model }: PlanForm, models: readonly FleetModel[] | null): OwnModel | string | null {
  if (detectorIds.includes(model)) return null;
  if (!models) return "Reading this site's models …";
  const own = models.find(({ id }) => id === model);
  if (!own) return "This site has no such model";
  const { id, name, input, cost } = own;
  return cost ? { id, name, input, cost } : "What it computes was not counted yet";
}

/**
 * What is typed as a plan's input, or what is wrong with which field.
 * @param models of this site; null while they are not known
 */
export function readPlan(form: PlanForm, models: readonly FleetModel[] | null = []): FormReading {
  const problems: Partial<Record<PlanField, string>> = {};
  const resolution = parseFrameSize(form.resolution);
  const decodeSize = decodeSizeOf(form);
  const sizeHelp = "Width × height from 16 to 8192, such as 1920x1080";
  if (!resolution) problems.resolution = sizeHelp;
  if (form.decodeSize.trim() !== "" && !decodeSize) problems.decodeSize = sizeHelp;
  const others = otherKinds(form).map((parts) => parseCameraKind(parts.join(":")));
  const unread = others.indexOf(null);
  if (unread >= 0) problems.others = `Kind ${unread + 2}: every field, the size as 1920x1080, and no more frames inferred than sent`;
  const own = chosenModel(form, models);
  if (typeof own === "string") problems.model = own;
  const from = form.measuredOn.trim() || "entered";
  const coded = codedSize(form);
  const parsed = planInputSchema.safeParse({
    gpu: form.gpu,
    streams: number(form.streams),
    codec: form.codec,
    resolution: resolution ?? undefined,
    fps: number(form.fps),
    detectFps: number(form.detectFps),
    model: form.model,
    precision: form.precision,
    decodeSize: resolution ? decodeSize : null,
    decodeMode: form.decodeMode,
    others: others.filter((kind) => kind !== null),
    batch: form.batch.trim() === "" ? null : number(form.batch),
    latencyTargetMs: number(form.latency),
    decoderDelayFrames: number(form.decoderDelay),
    reserve: number(form.reserve) / 100,
    accuracy: number(form.accuracy) / 100,
    fleet: {
      models: own && typeof own !== "string" ? [own] : [],
      inference:
        form.inferenceRate.trim() === ""
          ? []
          : [{ model: form.model, precision: form.precision, framesPerSecond: number(form.inferenceRate), from }],
      decode:
        form.decodeRate.trim() === ""
          ? []
          : [{ codec: form.codec, size: coded ?? undefined, framesPerSecond: number(form.decodeRate), from }],
      ...(form.gpu === THIS_HOST && form.memoryGb.trim() !== "" ? { memoryBytes: number(form.memoryGb) * 1e9 } : {}),
    },
  });
  for (const { path, message } of parsed.error?.issues ?? []) {
    const name = String(path[0] === "fleet" ? path[1] : path[0]);
    const field = fieldOf[name] ?? (name as PlanField);
    problems[field] ??= /NaN/.test(message) ? "Give a number" : message;
  }
  return parsed.success && Object.keys(problems).length === 0 ? { input: parsed.data, problems: null } : { input: null, problems };
}
