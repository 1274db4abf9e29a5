import { describe, expect, it } from "vitest";
import { changesBetween, changeTexts } from "./audit-changes.ts";

describe("changesBetween", () => {
  it("keeps what differs in the fields that it is asked for, and nothing else", () => {
    const before = { name: "Gate", tags: ["a"], updatedAt: 1, detectFps: 5 };
    const after = { name: "Gate", tags: ["a", "b"], updatedAt: 2, detectFps: 5 };
    expect(changesBetween(before, after, ["name", "tags", "detectFps"])).toEqual([{ field: "tags", before: ["a"], after: ["a", "b"] }]);
  });
});

describe("changeTexts", () => {
  it.each([
    ["detectFps", 5, 2, "detections a second 5 → 2"],
    ["latencyBudgetMs", null, 80, "latency budget its worker's → 80 ms"],
    ["latencyBudgetMs", 80, null, "latency budget 80 → its worker's"],
    ["enabled", true, false, "enabled yes → no"],
    ["tags", [], ["hall", "north"], "tags none → hall and north"],
    ["classes", ["person"], [], "classes person → all"],
    [
      "placement",
      { require: [], prefer: [], exclude: [] },
      { prefer: [], exclude: ["old"], require: ["site=north", "gpu"] },
      "placement any worker → needs site=north and gpu, never on old",
    ],
    ["url", "rtsp://u:•••@192.0.2.1/a", "rtsp://u:•••@192.0.2.1/a", "address rtsp://u:•••@192.0.2.1/a with another password"],
    ["url", "", "file:a.mp4", "address lost → file:a.mp4"],
    ["colour", "red", "blue", "colour red → blue"],
  ])("%s", (field, before, after, text) => {
    expect(changeTexts([{ field, before, after }])).toEqual([text]);
  });

  it("shortens long notes", () => {
    const [text] = changeTexts([{ field: "notes", before: "", after: "x".repeat(2000) }]);
    expect(text).toMatch(/^notes none → x{119}…$/);
  });
});
