import { expect, it } from "vitest";
import { splitList } from "./split-list.ts";

it("trims items and leaves out empty ones", () => {
  expect(splitList(" a, b c ,,\td,")).toEqual(["a", "b c", "d"]);
  expect(splitList("a;b,c; ", ";")).toEqual(["a", "b,c"]);
  for (const nothing of ["", " ", ", ,"]) expect(splitList(nothing), nothing).toEqual([]);
});
