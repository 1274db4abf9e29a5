import { describe, expect, it } from "vitest";
import { MASK, maskUrl, mergeMaskedUrl } from "./mask.ts";

const refused = expect.objectContaining({ code: "CAMERA_PASSWORD_REQUIRED" });
const merging = (edited: string, ...stored: (string | null)[]) => {
  try {
    return mergeMaskedUrl(edited, ...stored);
  } catch (error) {
    return error;
  }
};

describe("maskUrl", () => {
  it.each([
    ["rtsp://user:secret@192.0.2.1:554/a?b=c", `rtsp://user:${MASK}@192.0.2.1:554/a?b=c`],
    ["rtsp://user:s%40cret@host/a", `rtsp://user:${MASK}@host/a`],
    ["rtsp://user:s@cret@host/a", `rtsp://user:${MASK}@host/a`],
    ["rtsp://:secret@host/a", `rtsp://:${MASK}@host/a`],
    ["http://host/a.mjpg?user=admin&pwd=secret&x=1", `http://host/a.mjpg?user=admin&pwd=${MASK}&x=1`],
    ["http://host/a?access_token=a/b?c=&Password=x", `http://host/a?access_token=${MASK}&Password=${MASK}`],
    ["http://host/a?token=one&token=two", `http://host/a?token=${MASK}&token=${MASK}`],
    ["rtsp://host/user=admin&password=secret&channel=1", `rtsp://host/user=admin&password=${MASK}&channel=1`],
    ["rtsp://user@host/a?monkey=1&tokens=2", "rtsp://user@host/a?monkey=1&tokens=2"],
    ["file:street.mp4", "file:street.mp4"],
    ["synthetic:?faces=3", "synthetic:?faces=3"],
    ["rtsp://host/odd path?a=%2F&b=/x", "rtsp://host/odd path?a=%2F&b=/x"],
  ])("%s", (url, masked) => expect(maskUrl(url)).toBe(masked));
});

describe("mergeMaskedUrl", () => {
  const stored = "rtsp://user:s%40cret@192.0.2.1:554/a?token=t/1&b=2";

  it("takes a URL without a mask as it is", () => {
    expect(mergeMaskedUrl("rtsp://x:y@elsewhere/", stored)).toBe("rtsp://x:y@elsewhere/");
  });
  it("gives back the stored URL for the one that was shown", () => {
    expect(mergeMaskedUrl(maskUrl(stored), stored)).toBe(stored);
  });
  it("keeps the password where only path and parameters change", () => {
    expect(mergeMaskedUrl(`rtsp://user:${MASK}@192.0.2.1:554/other?b=3`, stored)).toBe("rtsp://user:s%40cret@192.0.2.1:554/other?b=3");
    expect(mergeMaskedUrl("rtsp://user:%E2%80%A2%E2%80%A2%E2%80%A2@192.0.2.1:554/b", stored)).toBe("rtsp://user:s%40cret@192.0.2.1:554/b");
  });
  it.each([
    ["another host", `rtsp://user:${MASK}@192.0.2.9:554/a`],
    ["another port", `rtsp://user:${MASK}@192.0.2.1:8554/a`],
    ["another user", `rtsp://root:${MASK}@192.0.2.1:554/a`],
    ["another scheme", `http://user:${MASK}@192.0.2.1:554/a`],
    ["a token for another host", `rtsp://192.0.2.9/a?token=${MASK}`],
    ["a parameter that has no stored value", `rtsp://user:${MASK}@192.0.2.1:554/a?key=${MASK}`],
    ["a half-edited mask", `rtsp://user:${MASK}x@192.0.2.1:554/a`],
    ["the mask in a harmless place", `rtsp://user:${MASK}@192.0.2.1:554/${MASK}`],
  ])("asks for the password: %s", (_, url) => expect(merging(url, stored)).toEqual(refused));

  it("asks for it where nothing is stored, or what is stored has none", () => {
    expect(merging(`rtsp://user:${MASK}@192.0.2.1:554/a`)).toEqual(refused);
    expect(merging(`rtsp://user:${MASK}@192.0.2.1:554/a`, null)).toEqual(refused);
    expect(merging(`rtsp://user:${MASK}@192.0.2.1:554/a`, "rtsp://user@192.0.2.1:554/a")).toEqual(refused);
  });
  it("uses the camera's other stream where that one goes to the same place", () => {
    expect(mergeMaskedUrl(`rtsp://user:${MASK}@192.0.2.1:554/sub`, "rtsp://other:p@192.0.2.2/", stored)).toBe(
      "rtsp://user:s%40cret@192.0.2.1:554/sub",
    );
  });
});
