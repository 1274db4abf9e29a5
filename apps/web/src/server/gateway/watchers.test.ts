import { expect, it } from "vitest";
import { Watchers } from "./watchers.ts";

const watch = (previews: string[], videos: string[] = []) => ({ frames: previews, previews, videos, status: true });
const all = new Set(["a", "b", "c"]);

it("knows the union of what all viewers see, and says when it changes", () => {
  const watchers = new Watchers();
  expect(watchers.set("one", watch(["a", "b"]))).toBe(true);
  expect(watchers.set("two", watch(["b"]))).toBe(false);
  expect(watchers.interestIn(all).previews).toEqual(["a", "b"]);
  expect(watchers.set("one", watch(["b"], ["c"]))).toBe(true);
  expect(watchers.interestIn(all)).toEqual({ frames: ["b"], previews: ["b"], videos: ["c"] });
  expect(watchers.set("one", null)).toBe(true);
  expect(watchers.set("two", null)).toBe(true);
  expect(watchers.interestIn(all)).toEqual({ frames: [], previews: [], videos: [] });
});

it("tells each worker only of its own cameras", () => {
  const watchers = new Watchers();
  watchers.set("one", watch(["a", "b"]));
  expect(watchers.interestIn(new Set(["b"])).frames).toEqual(["b"]);
});
