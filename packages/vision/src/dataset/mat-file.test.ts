import { describe, expect, it } from "vitest";
import fixtures from "./fixtures/mat-files.json" with { type: "json" };
import { readMatFile } from "./mat-file.ts";

const bytesOf = (name: "plain" | "compressed") => new Uint8Array(Buffer.from(fixtures[name], "base64"));

describe("readMatFile", () => {
  it.each(["plain", "compressed"] as const)("reads every kind of array of a %s file", (name) => {
    const file = readMatFile(bytesOf(name), "x.mat");
    expect(file.get("a")).toEqual({ kind: "numbers", dims: [2, 2], data: Float64Array.of(1.5, 3, -2, 1e300) });
    expect(file.get("b")).toEqual({ kind: "numbers", dims: [1, 3], data: Float64Array.of(1, 2, 3) });
    expect(file.get("big")).toMatchObject({ data: Float64Array.of(2 ** 40) });
    expect(file.get("f")).toMatchObject({ data: Float64Array.of(0.25) });
    expect(file.get("t")).toMatchObject({ kind: "text", text: "grün" });
    expect(file.get("c")).toMatchObject({
      kind: "cell",
      dims: [2, 2],
      items: [
        { data: Float64Array.of(1, 3, 2, 4) },
        { text: "hello" },
        { dims: [0, 0], data: new Float64Array(0) },
        { kind: "cell", items: [{ text: "x" }] },
      ],
    });
    expect(file.get("s")).toMatchObject({
      kind: "struct",
      items: [
        { v: { data: Float64Array.of(1.5) }, n: { text: "ab" } },
        { v: { data: Float64Array.of(2.5) }, n: { text: "c" } },
      ],
    });
  });

  it("reads only the variables that are wanted", () => {
    expect([...readMatFile(bytesOf("compressed"), "x.mat", ["b", "none"]).keys()]).toEqual(["b"]);
  });

  it("refuses what is no such file, by name", () => {
    const refused = (bytes: Uint8Array) => {
      try {
        readMatFile(bytes, "x.mat");
      } catch (error) {
        expect(error).toMatchObject({ code: "DATASET_INVALID" });
        return (error as Error).message;
      }
      return null;
    };
    expect(refused(new Uint8Array(10))).toBe("x.mat cannot be read as a MATLAB 5 file: it has 10 bytes, less than its header");
    expect(refused(new TextEncoder().encode("MATLAB 7.3 MAT-file".padEnd(200)))).toContain("HDF5");
    expect(refused(new Uint8Array(200))).toContain("byte order mark");
    const long = bytesOf("plain");
    // The first variable's length: as if 2 GB followed.
    new DataView(long.buffer).setUint32(132, 0x7fffffff, true);
    expect(refused(long)).toContain("truncated");
  });

  it.each(["plain", "compressed"] as const)("reads or refuses each cut and each changed byte of a %s file", (name) => {
    const whole = bytesOf(name);
    const settle = (bytes: Uint8Array) => {
      try {
        readMatFile(bytes, "x.mat");
        return null;
      } catch (error) {
        return (error as { code?: string }).code;
      }
    };
    for (let length = 0; length < whole.length; length++) expect([null, "DATASET_INVALID"]).toContain(settle(whole.subarray(0, length)));
    for (let at = 128; at < whole.length; at++) {
      const changed = whole.slice();
      changed[at] = (changed[at]! ^ (0x55 + at * 7)) & 0xff;
      expect([null, "DATASET_INVALID"]).toContain(settle(changed));
    }
  });
});
