import { describe, expect, it } from "vitest";
import { table } from "./table.ts";

describe("table", () => {
  it("aligns by characters, and lets no control character through", () => {
    const rows = [
      { name: "Tür", size: 5 },
      { name: "a\u001b[2Jb", size: 1234 },
    ];
    const text = table(
      rows,
      [
        { title: "NAME", of: ({ name }) => name },
        { title: "SIZE", of: ({ size }) => `${size}`, align: "right" },
      ],
      "none",
    );
    expect(text.split("\n")).toEqual(["NAME    SIZE", "Tür        5", "a [2Jb  1234"]);
  });

  it("says so when there is nothing", () => {
    expect(table([], [{ title: "X", of: () => "" }], "none")).toBe("none");
  });
});
