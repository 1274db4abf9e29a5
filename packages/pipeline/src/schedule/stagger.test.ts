import { describe, expect, it } from "vitest";
import { hasTurn, scattered, staggered, worthTelling } from "./stagger.ts";

describe("staggered", () => {
  it("spreads first frames over one interval", () => {
    expect([0, 1, 2, 3].map((index) => staggered(index, 4, 2))).toEqual([0, 125, 250, 375]);
  });
});

describe("scattered", () => {
  it("leaves no two of its first numbers near one another", () => {
    const numbers = Array.from({ length: 20 }, (_, index) => scattered(index)).sort((a, b) => a - b);
    for (let index = 1; index < numbers.length; index++) expect(numbers[index]! - numbers[index - 1]!).toBeGreaterThan(0.5 / 20);
  });
});

describe("hasTurn", () => {
  it("comes to each camera once in four readings, and to as many in each of them", () => {
    const cameras = Array.from({ length: 16 }, (_, index) => index);
    const readings = Array.from({ length: 4 }, (_, reading) => reading);
    for (const camera of cameras) expect(readings.filter((reading) => hasTurn(camera, reading))).toHaveLength(1);
    for (const reading of readings) expect(cameras.filter((camera) => hasTurn(camera, reading))).toHaveLength(4);
  });
});

describe("worthTelling", () => {
  it("keeps small changes from a source, until it is its turn", () => {
    expect(worthTelling(4, 4.1, 10)).toBe(false);
    expect(worthTelling(4, 4.1, 10, true)).toBe(true);
    expect(worthTelling(4, 4.01, 10, true)).toBe(false);
    expect(worthTelling(4, 4.3, 10)).toBe(true);
    expect(worthTelling(4, 3.7, 10)).toBe(true);
  });

  it("always tells what was asked for, and the ends of being left out", () => {
    expect(worthTelling(9.9, 10, 10)).toBe(true);
    expect(worthTelling(0.2, 0, 10)).toBe(true);
    expect(worthTelling(0, 0.2, 10)).toBe(true);
    expect(worthTelling(10, 10, 10, true)).toBe(false);
  });
});
