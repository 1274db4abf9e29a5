/** Where frames lie and are scaled. "software" is main memory: the same code path, for hosts and tests without a GPU. */
export const scalingDevices = ["cuda", "vaapi", "qsv", "videotoolbox", "software"] as const;
export type ScalingDevice = (typeof scalingDevices)[number];

export interface FilterStep {
  filter: string;
  /** FFmpeg's key=value pairs, separated by colons. */
  args: string | null;
}

/** Whether FFmpeg has a scaler for frames of this decoder; d3d11va has none. */
export function scalesOn(decoder: string): decoder is ScalingDevice {
  return decoder !== "software" && (scalingDevices as readonly string[]).includes(decoder);
}

const even = (value: number): number => Math.max(2, Math.round(value / 2) * 2);

/**
 * The filters that scale a frame on a device and fetch it, as NV12 where the device can convert (10 bit becomes 8):
 * https://ffmpeg.org/ffmpeg-filters.html, scale_cuda, scale_vaapi, vpp_qsv, scale_vt, hwdownload. Sizes in pixels are
 * rounded to even ones, which 4:2:0 needs.
 */
export function scaleSteps(device: ScalingDevice, width: number, height: number): FilterStep[] {
  const size = `w=${even(width)}:h=${even(height)}`;
  const fetch: FilterStep[] = [
    { filter: "hwdownload", args: null },
    { filter: "format", args: "pix_fmts=nv12|p010le" },
  ];
  switch (device) {
    case "cuda":
      return [{ filter: "scale_cuda", args: `${size}:format=nv12:interp_algo=bilinear` }, ...fetch];
    case "vaapi":
      return [{ filter: "scale_vaapi", args: `${size}:format=nv12` }, ...fetch];
    case "qsv":
      return [{ filter: "vpp_qsv", args: `${size}:format=nv12` }, ...fetch];
    case "videotoolbox":
      return [{ filter: "scale_vt", args: size }, ...fetch];
    case "software":
      return [
        { filter: "scale", args: `${size}:flags=bilinear` },
        { filter: "format", args: "pix_fmts=nv12" },
      ];
  }
}
