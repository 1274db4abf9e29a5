import { InvalidArgumentError } from "commander";
import { describe, expect, it } from "vitest";
import { numberBetween, parseTime } from "./options.ts";

describe("numberBetween", () => {
  it.each(["", " ", "x", "1e", "0.09", "31", "NaN", "Infinity"])("refuses %j", (text) => {
    expect(() => numberBetween(0.1, 30)(text)).toThrow(InvalidArgumentError);
  });

  it("takes both ends, and whole numbers only where asked", () => {
    expect([numberBetween(0.1, 30)("0.1"), numberBetween(0.1, 30)("30")]).toEqual([0.1, 30]);
    expect(() => numberBetween(1, 5, { whole: true })("2.5")).toThrow(/whole number from 1 to 5/);
  });
});

describe("parseTime", () => {
  const now = Date.UTC(2026, 2, 1, 12);
  it("reads how long ago, and ISO 8601", () => {
    expect(parseTime("90m", now).toISOString()).toBe("2026-03-01T10:30:00.000Z");
    expect(parseTime("1.5d", now).toISOString()).toBe("2026-02-28T00:00:00.000Z");
    expect(parseTime("2026-02-01T00:00:00Z").toISOString()).toBe("2026-02-01T00:00:00.000Z");
  });

  it("refuses what is no time", () => {
    expect(() => parseTime("yesterday")).toThrow(InvalidArgumentError);
  });
});
