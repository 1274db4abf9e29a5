import { describe, expect, it } from "vitest";
import { planResize, toFrame } from "./letterbox.ts";

describe("planResize", () => {
  it("centres a wide frame in a square input", () => {
    const plan = planResize({ srcWidth: 1920, srcHeight: 1080, dstWidth: 640, dstHeight: 640, mode: "letterbox" });
    expect(plan).toMatchObject({ contentWidth: 640, contentHeight: 360, padX: 0, padY: 140 });
  });

  it("centres a tall frame, enlarges a small one, and keeps whole pixels", () => {
    expect(planResize({ srcWidth: 123, srcHeight: 457, dstWidth: 640, dstHeight: 640, mode: "letterbox" })).toMatchObject({
      contentWidth: 172,
      contentHeight: 640,
      padX: 234,
      padY: 0,
    });
  });

  it("never plans an empty content", () => {
    expect(planResize({ srcWidth: 4000, srcHeight: 1, dstWidth: 640, dstHeight: 640, mode: "letterbox" }).contentHeight).toBe(1);
  });

  it("fills the input when stretching", () => {
    const plan = planResize({ srcWidth: 1920, srcHeight: 1080, dstWidth: 320, dstHeight: 240, mode: "stretch" });
    expect(plan).toMatchObject({ contentWidth: 320, contentHeight: 240, padX: 0, padY: 0 });
  });
});

describe("toFrame", () => {
  it.each(["letterbox", "stretch"] as const)("inverts the plan at the content's corners (%s)", (mode) => {
    const plan = planResize({ srcWidth: 826, srcHeight: 540, dstWidth: 640, dstHeight: 640, mode });
    expect(toFrame(plan, plan.padX, plan.padY)).toEqual([0, 0]);
    expect(toFrame(plan, plan.padX + plan.contentWidth, plan.padY + plan.contentHeight)).toEqual([1, 1]);
  });

  it("gives values outside 0–1 in the padding", () => {
    const plan = planResize({ srcWidth: 1920, srcHeight: 1080, dstWidth: 640, dstHeight: 640, mode: "letterbox" });
    expect(toFrame(plan, 0, 0)[1]).toBeLessThan(0);
  });
});
