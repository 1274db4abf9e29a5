import { describe, expect, it } from "vitest";
import { progressLine, startProgress } from "./progress.ts";

describe("progressLine", () => {
  it("shows share, count, rate and time left", () => {
    expect(progressLine("validating", 32, 128, "images", 4000)).toBe(
      "validating [######                  ]  25 %  32/128 images  8.0/s  12 s left",
    );
    expect(progressLine("x", 1, 1001, "images", 1000)).toContain("1.0/s  16 min 40 s left");
    expect(progressLine("x", 0, 3, "images", 0)).toBe("x [                        ]   0 %  0/3 images");
  });
});

describe("startProgress", () => {
  it("writes nothing where there is no terminal", () => {
    let written = "";
    const progress = startProgress("x", 2, "images", { stream: { write: (text: string) => (written += text) } });
    progress.update(1);
    progress.finish();
    expect(written).toBe("");
  });

  it("redraws in place, not too often, in the terminal's width, and goes away", () => {
    const lines: string[] = [];
    let time = 0;
    const stream = { isTTY: true, columns: 30, write: (text: string) => lines.push(text) };
    const progress = startProgress("x", 10, "images", { stream, now: () => time });
    for (const at of [0, 50, 120, 130]) {
      time = at;
      progress.update(at / 100);
    }
    progress.update(10);
    progress.finish();
    expect(lines).toHaveLength(4);
    expect(lines.every((line) => line.startsWith("\r\u001b[K") && line.length <= 4 + 29)).toBe(true);
    expect(lines.at(-1)).toBe("\r\u001b[K");
  });
});
