import { constants } from "node:os";
import {
  AVERROR_DECODER_NOT_FOUND,
  AVERROR_EIO,
  AVERROR_EOF,
  AVERROR_HTTP_NOT_FOUND,
  AVERROR_HTTP_UNAUTHORIZED,
  AVERROR_INVALIDDATA,
} from "node-av/constants";
import { expect, it } from "vitest";
import { diagnoseOpenError, fromFfmpegCode } from "./ffmpeg-errors.ts";

const URL_WITH_PASSWORD = "rtsp://admin:hunter2@192.0.2.1/x";
const { errno } = constants;

it.each([
  [-errno.ECONNREFUSED, "CAMERA_REFUSED"],
  [-errno.EHOSTUNREACH, "CAMERA_UNREACHABLE"],
  [-errno.ENETUNREACH, "CAMERA_UNREACHABLE"],
  [-errno.ETIMEDOUT, "CAMERA_TIMEOUT"],
  [AVERROR_HTTP_UNAUTHORIZED, "CAMERA_UNAUTHORIZED"],
  [AVERROR_HTTP_NOT_FOUND, "CAMERA_NOT_FOUND_ON_SERVER"],
  [AVERROR_INVALIDDATA, "CAMERA_NOT_VIDEO"],
  [AVERROR_DECODER_NOT_FOUND, "CAMERA_UNSUPPORTED_CODEC"],
])("code %i while opening is %s, with a hint and without the password", (code, expected) => {
  const error = fromFfmpegCode(code, URL_WITH_PASSWORD, "opening");
  expect(error.code).toBe(expected);
  expect(error.hint).toBeTruthy();
  expect(error.message).not.toContain("hunter2");
});

it("tells the end of a stream from a stall", () => {
  expect(fromFfmpegCode(AVERROR_EOF, URL_WITH_PASSWORD, "reading").code).toBe("CAMERA_STREAM_ENDED");
  expect(fromFfmpegCode(-errno.ETIMEDOUT, URL_WITH_PASSWORD, "reading").code).toBe("CAMERA_STALLED");
  expect(fromFfmpegCode(-errno.ECONNRESET, URL_WITH_PASSWORD, "reading").code).toBe("CAMERA_STREAM_ENDED");
});

it("looks up the name where FFmpeg only says I/O error", async () => {
  expect((await diagnoseOpenError(AVERROR_EIO, "rtsp://no-such-host.invalid/x")).message).toContain(
    "no-such-host.invalid cannot be resolved",
  );
});
