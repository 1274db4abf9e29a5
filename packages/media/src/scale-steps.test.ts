import { Filter } from "node-av/lib";
import { expect, it } from "vitest";
import { scaleSteps, scalesOn, scalingDevices } from "./scale-steps.ts";

it("writes the filters of each device, with even sizes", () => {
  expect(scaleSteps("cuda", 640, 360)).toEqual([
    { filter: "scale_cuda", args: "w=640:h=360:format=nv12:interp_algo=bilinear" },
    { filter: "hwdownload", args: null },
    { filter: "format", args: "pix_fmts=nv12|p010le" },
  ]);
  expect(scaleSteps("vaapi", 361, 203)[0]).toEqual({ filter: "scale_vaapi", args: "w=362:h=204:format=nv12" });
  expect(scaleSteps("qsv", 1, 1)[0]).toEqual({ filter: "vpp_qsv", args: "w=2:h=2:format=nv12" });
  expect(scaleSteps("videotoolbox", 640, 360)[0]).toEqual({ filter: "scale_vt", args: "w=640:h=360" });
});

it("names filters only that this FFmpeg has, on the platforms that have them", () => {
  const linux = scalingDevices.filter((device) => device !== "videotoolbox");
  const names = linux.flatMap((device) => scaleSteps(device, 64, 64).map(({ filter }) => filter));
  const missing = [...new Set(names)].filter((name) => Filter.getByName(name) === null);
  if (process.platform === "linux" && process.arch === "x64") expect(missing).toEqual([]);
});

it("scales on devices that have a scaler", () => {
  expect(["cuda", "vaapi", "qsv", "videotoolbox"].every(scalesOn)).toBe(true);
  expect(["software", "none", "d3d11va"].some(scalesOn)).toBe(false);
});
