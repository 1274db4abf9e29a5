import { CALIBRATION_IMAGES_WANTED, type DatasetImage } from "./dataset.ts";

type Facts = Pick<DatasetImage, "cameraId" | "capturedAt" | "brightness" | "faces" | "faceSizes">;

export interface Bin {
  label: string;
  count: number;
}

/** How a set of images is spread: what a plot of each shows. */
export interface Coverage {
  images: number;
  cameras: Bin[];
  /** Mean luma, eight bins of 32. */
  brightness: Bin[];
  /** Hour of the day in `timeZone`; empty where no image has a time. */
  hours: Bin[];
  /** IANA name. */
  timeZone: string;
  /** Faces an image. */
  faces: Bin[];
  /** Height of a face as a share of the image's. */
  faceSizes: Bin[];
}

const faceBins = [
  { label: "none", holds: (count: number) => count === 0 },
  { label: "1", holds: (count: number) => count === 1 },
  { label: "2–4", holds: (count: number) => count >= 2 && count <= 4 },
  { label: "5–9", holds: (count: number) => count >= 5 && count <= 9 },
  { label: "10 and more", holds: (count: number) => count >= 10 },
];
const sizeEdges = [0, 0.02, 0.05, 0.1, 0.2, 0.4, Number.POSITIVE_INFINITY];
const sizeLabels = ["< 2 %", "2–5 %", "5–10 %", "10–20 %", "20–40 %", "> 40 %"];

/** Hour of the day, 0–23. @param timeZone IANA name @throws RangeError where there is no such zone */
function hourIn(timeZone: string): (at: Date) => number {
  const format = new Intl.DateTimeFormat("en", { hour: "2-digit", hourCycle: "h23", timeZone });
  return (at) => Number(format.format(at));
}

/** @param timeZone IANA name, of whoever looks: day and night are theirs @throws RangeError where there is no such zone */
export function coverageOf(images: readonly Facts[], cameraName: (id: string) => string, timeZone = "UTC"): Coverage {
  const cameras = new Map<string, number>();
  for (const { cameraId } of images) {
    const label = cameraId ? cameraName(cameraId) : "uploaded";
    cameras.set(label, (cameras.get(label) ?? 0) + 1);
  }
  const hourOf = hourIn(timeZone);
  const timed = images.flatMap(({ capturedAt }) => (capturedAt ? [hourOf(capturedAt)] : []));
  const counted = images.flatMap(({ faces }) => (faces === null ? [] : [faces]));
  const sizes = images.flatMap(({ faceSizes }) => faceSizes);
  return {
    images: images.length,
    timeZone,
    cameras: [...cameras].map(([label, count]) => ({ label, count })).sort((a, b) => b.count - a.count),
    brightness: Array.from({ length: 8 }, (_, bin) => ({
      label: `${bin * 32}–${bin * 32 + 31}`,
      count: images.filter(({ brightness }) => Math.min(7, Math.floor(brightness / 32)) === bin).length,
    })),
    hours:
      timed.length === 0
        ? []
        : Array.from({ length: 24 }, (_, hour) => ({ label: `${hour}`, count: timed.filter((one) => one === hour).length })),
    faces: counted.length === 0 ? [] : faceBins.map(({ label, holds }) => ({ label, count: counted.filter(holds).length })),
    faceSizes:
      sizes.length === 0
        ? []
        : sizeLabels.map((label, bin) => ({
            label,
            count: sizes.filter((size) => size >= sizeEdges[bin]! && size < sizeEdges[bin + 1]!).length,
          })),
  };
}

/** What a person should know before calibrating on such a set. */
export function thinCoverage(coverage: Coverage): string[] {
  const warnings: string[] = [];
  const { images, cameras, brightness, faces } = coverage;
  if (images === 0) return ["There are no images."];
  if (images < CALIBRATION_IMAGES_WANTED)
    warnings.push(`${images} images are few: ${CALIBRATION_IMAGES_WANTED} are asked for. Ranges from few images are a guess.`);
  const [largest] = cameras;
  if (largest && cameras.length > 1 && largest.count > 0.8 * images)
    warnings.push(`${Math.round((100 * largest.count) / images)} % of the images are of ${largest.label}.`);
  const lit = brightness.filter(({ count }) => count >= 0.02 * images).length;
  if (lit < 3) warnings.push("The light is nearly the same in all images: collect by day and by night.");
  const none = faces.find(({ label }) => label === "none")?.count ?? 0;
  if (faces.length > 0 && none > 0.8 * images)
    warnings.push(`${Math.round((100 * none) / images)} % of the images show nothing that the detector finds.`);
  return warnings;
}

/** Bits in which two difference hashes (16 hexadecimal digits) differ. */
export function hashDistance(a: string, b: string): number {
  let distance = 0;
  // Two halves of 32 bits: a page compares millions of pairs, and big integers are many times slower.
  for (const half of [0, 8]) {
    let bits = Number.parseInt(a.slice(half, half + 8), 16) ^ Number.parseInt(b.slice(half, half + 8), 16);
    for (; bits !== 0; bits &= bits - 1) distance++;
  }
  return distance;
}

/** How many of `mine` are among `others`, byte for byte. */
export function sameImages(mine: readonly Pick<DatasetImage, "sha256">[], others: readonly Pick<DatasetImage, "sha256">[]): number {
  const hashes = new Set(others.map(({ sha256 }) => sha256));
  return mine.filter(({ sha256 }) => hashes.has(sha256)).length;
}

/** Images that differ in no more bits are taken for the same scene. */
const LEAK_DISTANCE = 4;

/** Paths of those of `mine` that `others` have too, or that look like one of them: what one is calibrated on must not judge it. */
export function imagesInBoth(
  mine: readonly Pick<DatasetImage, "path" | "sha256" | "dhash">[],
  others: readonly Pick<DatasetImage, "sha256" | "dhash">[],
): string[] {
  const hashes = new Set(others.map(({ sha256 }) => sha256));
  const looks = [...new Set(others.map(({ dhash }) => dhash))];
  return mine.flatMap(({ path, sha256, dhash }) =>
    hashes.has(sha256) || looks.some((other) => hashDistance(dhash, other) <= LEAK_DISTANCE) ? [path] : [],
  );
}
