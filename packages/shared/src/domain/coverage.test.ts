import { describe, expect, it } from "vitest";
import { coverageOf, hashDistance, thinCoverage } from "./coverage.ts";
import { datasetPathSchema } from "./dataset.ts";

const image = (cameraId: string | null, brightness: number, faces: number | null, hour = 8) => ({
  cameraId,
  brightness,
  faces,
  faceSizes: faces ? [0.03, 0.5] : [],
  capturedAt: cameraId ? new Date(Date.UTC(2026, 0, 1, hour)) : null,
});

describe("coverageOf", () => {
  it("counts every image once in each plot", () => {
    const images = [image("a", 10, 0), image("a", 250, 1, 23), image("b", 128, 12), image(null, 255, null)];
    const coverage = coverageOf(images, (id) => `camera ${id}`);
    const sum = (bins: { count: number }[]) => bins.reduce((total, { count }) => total + count, 0);
    expect(coverage.cameras).toEqual([
      { label: "camera a", count: 2 },
      { label: "camera b", count: 1 },
      { label: "uploaded", count: 1 },
    ]);
    expect([sum(coverage.brightness), sum(coverage.hours), sum(coverage.faces), sum(coverage.faceSizes)]).toEqual([4, 3, 3, 4]);
    expect(coverage.brightness[7]?.count).toBe(2);
  });

  it("counts the hours of whoever looks", () => {
    const at = (timeZone?: string) => {
      const { hours, timeZone: of } = coverageOf([image("a", 10, 0, 23), image("a", 10, 0, 0)], (id) => id, timeZone);
      return { of, hours: hours.flatMap(({ label, count }) => (count > 0 ? [label] : [])) };
    };
    expect(at()).toEqual({ of: "UTC", hours: ["0", "23"] });
    expect(at("Asia/Shanghai")).toEqual({ of: "Asia/Shanghai", hours: ["7", "8"] });
    expect(() => at("Mars/Olympus")).toThrow(RangeError);
  });

  it("warns of few images, of one light, of one camera, of empty scenes", () => {
    const dull = Array.from({ length: 100 }, (_, at) => image(at < 90 ? "a" : "b", 100, 0));
    const warnings = thinCoverage(coverageOf(dull, (id) => id));
    expect(warnings).toHaveLength(4);
    const rich = Array.from({ length: 1200 }, (_, at) => image(`${at % 5}`, (at * 37) % 256, at % 4, at % 24));
    expect(thinCoverage(coverageOf(rich, (id) => id))).toEqual([]);
    expect(thinCoverage(coverageOf([], (id) => id))).toEqual(["There are no images."]);
  });
});

it("counts differing bits", () => {
  expect(hashDistance("0000000000000000", "ffffffffffffffff")).toBe(64);
  expect(hashDistance("00000000000000f0", "00000000000000f1")).toBe(1);
});

it.each(["../x", "/etc/passwd", "a/../b", "a//b", "C:/x", "a\\b", "a/./b", ""])("takes no path that leaves the data set: %j", (path) => {
  expect(datasetPathSchema.safeParse(path).success).toBe(false);
});
it("takes ordinary paths", () => {
  expect(datasetPathSchema.safeParse("images/0--Parade/0_Parade 1.jpg").success).toBe(true);
});
