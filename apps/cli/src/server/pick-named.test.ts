import { describe, expect, it } from "vitest";
import { pickNamed } from "./pick-named.ts";

const worker = (id: string, name: string) => ({ id, name });
const all = [worker("a1", "north"), worker("B2", "South"), worker("c3", "south"), worker("d4", "twin"), worker("e5", "twin")];
const pick = (text: string) => pickNamed(all, text, "worker", "octet workers list").id;

describe("pickNamed", () => {
  it("goes by id, then by name, whatever its case where one alone is meant", () => {
    expect([pick("B2"), pick("A1"), pick(" North "), pick("south")]).toEqual(["B2", "a1", "a1", "c3"]);
  });

  it("takes none of several with the same name", () => {
    expect(() => pick("twin")).toThrowError(
      expect.objectContaining({ code: "BAD_INPUT", message: expect.stringContaining("twin (e5)"), hint: "Give the id instead." }),
    );
    expect(() => pick("SOUTH")).toThrowError(expect.objectContaining({ hint: expect.stringContaining("exactly") }));
  });

  it("says what is near, or where to look", () => {
    expect(() => pick("nor")).toThrowError(expect.objectContaining({ code: "NOT_FOUND", hint: 'Did you mean "north"?' }));
    expect(() => pick("twi")).toThrowError(expect.objectContaining({ hint: 'Did you mean "twin"?' }));
    expect(() => pick("east")).toThrowError(expect.objectContaining({ hint: "See `octet workers list`." }));
  });
});
