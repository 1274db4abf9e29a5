import { expect, it } from "vitest";
import { cameraInputSchema, cameraPatchSchema } from "./camera.ts";

const entered = (classes?: unknown) => cameraInputSchema.safeParse({ name: "Gate", url: "file:a.mp4", ...(classes ? { classes } : {}) });

it("reports all classes unless some are named, and takes each name once, whatever its case", () => {
  expect(entered().data?.classes).toEqual([]);
  expect(entered([" Person", "car", "person", "CAR "]).data?.classes).toEqual(["Person", "car"]);
});

it("leaves classes as they are in a patch that does not name them", () => {
  expect(cameraPatchSchema.parse({ enabled: false })).toEqual({ enabled: false });
  expect(cameraPatchSchema.parse({ classes: [] })).toEqual({ classes: [] });
});

it("refuses names that no list could hold, and too many or too long ones", () => {
  const names = Array.from({ length: 101 }, (_, index) => `class ${index}`);
  for (const classes of [["a,b"], ["a;b"], [" "], ["a".repeat(101)], names])
    expect(entered(classes).error?.issues[0]?.path[0], JSON.stringify(classes)).toBe("classes");
  expect(entered(["a".repeat(100)]).success && entered(names.slice(1)).success).toBe(true);
});
