import type { ValidationResult } from "@octet/shared/domain/profile";
import { matchDetections } from "@octet/vision/boxes/match-detections";
import type { DetectedBoxes } from "@octet/vision/evaluate/ground-truth";
import { imageSize } from "./prepared-images.ts";

type Disagreement = ValidationResult["disagreements"][number];

/** A crowd's boxes are a page of their own: the best of an image are shown. */
const SHOWN_BOXES = 300;

/**
 * The images of which one detector finds what the other does not, worst first, and of equals in their order.
 * @param count how many at most; those that agree in all are none of them
 */
export async function disagreements(
  images: readonly { path: string }[],
  reference: readonly DetectedBoxes[],
  subject: readonly DetectedBoxes[],
  options: { threshold: number; count: number; labels: readonly string[]; describe(path: string): { path: string; sha256: string } },
): Promise<Disagreement[]> {
  const { threshold, count, describe } = options;
  const labels = options.labels.length > 1 ? options.labels : [];
  const compared = images.map(({ path }, index) => {
    const [a, b] = [above(reference[index]!, threshold, labels), above(subject[index]!, threshold, labels)];
    const { onlyA, onlyB } = matchDetections(a, b);
    return { path, disagreement: onlyA + onlyB, a, b };
  });
  const worst = compared
    .filter(({ disagreement }) => disagreement > 0)
    .sort((x, y) => y.disagreement - x.disagreement)
    .slice(0, count);
  return Promise.all(
    worst.map(async ({ path, disagreement, a, b }) => {
      const { width, height } = await imageSize(path);
      const fractions = (found: typeof a) =>
        found
          .slice(0, SHOWN_BOXES)
          .map(({ box: { x, y, w, h }, ...more }) => ({ x: x / width, y: y / height, w: w / width, h: h / height, ...more }));
      return { ...describe(path), disagreement, reference: fractions(a), subject: fractions(b) };
    }),
  );
}

/** In pixels, best first; with its class where there are several. */
function above({ boxes, scores, classes }: DetectedBoxes, threshold: number, labels: readonly string[]) {
  return Array.from(scores, (score, at) => ({
    score,
    label: labels[classes?.[at] ?? 0],
    box: { x: boxes[at * 4]!, y: boxes[at * 4 + 1]!, w: boxes[at * 4 + 2]!, h: boxes[at * 4 + 3]! },
  }))
    .filter(({ score }) => score >= threshold)
    .sort((x, y) => y.score - x.score);
}
