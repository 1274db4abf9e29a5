import { expect, it } from "vitest";
import { sitePath } from "./site-path.ts";

it("lets only paths of this site follow a sign-in", () => {
  for (const path of ["/", "/cameras?tag=a#b", "/a//b"]) expect(sitePath(path)).toBe(path);
  for (const other of [null, "", "//evil.example", "/\\evil.example", "https://evil.example", "cameras"]) expect(sitePath(other)).toBe("/");
});
