import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import path from "node:path";
import sharp from "sharp";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { PreparedImages } from "./prepared-images.ts";

const input = { width: 8, height: 8, resize: "letterbox", channels: "rgb", padValue: 9 } as const;

describe("PreparedImages", () => {
  let folder: string;
  const file = () => path.join(folder, "a.png");
  const paint = (red: number) =>
    sharp({ create: { width: 8, height: 4, channels: 3, background: { r: red, g: 20, b: 30 } } })
      .png()
      .toFile(file());
  beforeAll(async () => {
    folder = await mkdtemp(path.join(tmpdir(), "octet-prepared-"));
  });
  afterAll(() => rm(folder, { recursive: true }));

  it("decodes once per kind of input, and hands out bytes that may be taken away", async () => {
    await paint(10);
    const prepared = new PreparedImages();
    const first = await prepared.get(file(), input);
    expect([first.bytes[0], first.bytes[16], first.bytes[64 + 16], first.bytes[128 + 16]]).toEqual([9, 10, 20, 30]);
    structuredClone(first.bytes.buffer, { transfer: [first.bytes.buffer] });
    // The file is another one now: the kept image is not.
    await paint(77);
    expect((await prepared.get(file(), input)).bytes[16]).toBe(10);
    expect((await prepared.get(file(), { ...input, channels: "bgr" })).bytes[16]).toBe(30);
    expect(prepared.size).toBe(2);
  });

  it("keeps no more than fits", async () => {
    await paint(10);
    const prepared = new PreparedImages({ maxBytes: 100 });
    await prepared.get(file(), input);
    expect(prepared.size).toBe(0);
    await paint(77);
    expect((await prepared.get(file(), input)).bytes[16]).toBe(77);
  });

  it("names the file that is no image", async () => {
    await writeFile(path.join(folder, "b.jpg"), "no picture");
    await expect(new PreparedImages().get(path.join(folder, "b.jpg"), input)).rejects.toMatchObject({
      code: "DATASET_INVALID",
      message: expect.stringContaining("b.jpg cannot be decoded"),
    });
  });
});
