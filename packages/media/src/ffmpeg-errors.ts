import { lookup } from "node:dns/promises";
import { constants } from "node:os";
import { AppError, type ErrorCode } from "@octet/shared/errors";
import {
  AVERROR_DECODER_NOT_FOUND,
  AVERROR_DEMUXER_NOT_FOUND,
  AVERROR_EIO,
  AVERROR_ENOENT,
  AVERROR_EOF,
  AVERROR_HTTP_FORBIDDEN,
  AVERROR_HTTP_NOT_FOUND,
  AVERROR_HTTP_UNAUTHORIZED,
  AVERROR_INVALIDDATA,
  AVERROR_PROTOCOL_NOT_FOUND,
  AVERROR_STREAM_NOT_FOUND,
} from "node-av/constants";
import { FFmpegError } from "node-av/lib";
import { redactText, redactUrl } from "./redact-url.ts";

/** opening: nothing was received yet · reading: the stream had begun. */
export type StreamPhase = "opening" | "reading";

const errnos = constants.errno as Record<string, number | undefined>;
/** FFmpeg reports −errno; on Windows the socket errors are Winsock's. */
const isErrno = (code: number, name: string) => code === -(errnos[name] ?? Number.NaN) || code === -(errnos[`WSA${name}`] ?? Number.NaN);

const hints = {
  CAMERA_REFUSED: "Check the port, and that the camera's RTSP server is switched on",
  CAMERA_UNREACHABLE: "Check the address, the cable and that this host may reach the camera's network",
  CAMERA_UNAUTHORIZED: "Check the user name and the password; write special characters percent-encoded, @ as %40",
  CAMERA_NOT_FOUND_ON_SERVER: "Check the path after the host: it depends on the camera's make, often /stream1 or /Streaming/Channels/101",
  CAMERA_NOT_VIDEO: "Check that the URL leads to a video stream and not to a web page or a picture",
  CAMERA_UNSUPPORTED_CODEC: "Set the camera to H.264 or H.265",
  CAMERA_TIMEOUT: "Check that the camera is switched on and that a firewall lets the stream through; try the other transport",
  CAMERA_STALLED: "It is opened anew by itself; if this recurs, check the network or use a smaller substream",
  CAMERA_STREAM_ENDED: "It is opened anew by itself; if this recurs, check whether the camera restarts",
  CAMERA_DECODE_FAILED: "Try TCP as the transport; if it stays, restart the camera or set it to H.264",
} as const satisfies Partial<Record<ErrorCode, string>>;

export type StreamErrorCode = keyof typeof hints;

/** An error of a stream with the hint that belongs to its code. */
export function streamError(code: StreamErrorCode, message: string, cause?: unknown): AppError {
  return new AppError(code, message, { hint: hints[code], ...(cause === undefined ? {} : { cause }) });
}

function classify(code: number, phase: StreamPhase): StreamErrorCode {
  if (code === AVERROR_HTTP_UNAUTHORIZED || code === AVERROR_HTTP_FORBIDDEN) return "CAMERA_UNAUTHORIZED";
  if (code === AVERROR_HTTP_NOT_FOUND || code === AVERROR_ENOENT) return "CAMERA_NOT_FOUND_ON_SERVER";
  if (isErrno(code, "ECONNREFUSED")) return "CAMERA_REFUSED";
  if (["EHOSTUNREACH", "ENETUNREACH", "EHOSTDOWN", "ENETDOWN"].some((name) => isErrno(code, name))) return "CAMERA_UNREACHABLE";
  if (isErrno(code, "ETIMEDOUT")) return phase === "opening" ? "CAMERA_TIMEOUT" : "CAMERA_STALLED";
  if (code === AVERROR_DECODER_NOT_FOUND) return "CAMERA_UNSUPPORTED_CODEC";
  if (([AVERROR_INVALIDDATA, AVERROR_STREAM_NOT_FOUND, AVERROR_DEMUXER_NOT_FOUND, AVERROR_PROTOCOL_NOT_FOUND] as number[]).includes(code))
    return "CAMERA_NOT_VIDEO";
  // What remains (end of file, reset, broken pipe, other 4xx and 5xx): the server hung up on us.
  if (phase === "reading") return "CAMERA_STREAM_ENDED";
  return code === AVERROR_EOF ? "CAMERA_NOT_VIDEO" : "CAMERA_UNREACHABLE";
}

const messages: Record<StreamErrorCode, string> = {
  CAMERA_REFUSED: "The camera refused the connection",
  CAMERA_UNREACHABLE: "The camera cannot be reached",
  CAMERA_UNAUTHORIZED: "The camera did not accept the user name and password",
  CAMERA_NOT_FOUND_ON_SERVER: "The server has no stream at this path",
  CAMERA_NOT_VIDEO: "There is no video at this address",
  CAMERA_UNSUPPORTED_CODEC: "The stream's codec is not supported",
  CAMERA_TIMEOUT: "The camera did not answer in time",
  CAMERA_STALLED: "The stream stopped without an error",
  CAMERA_STREAM_ENDED: "The stream ended",
  CAMERA_DECODE_FAILED: "The stream cannot be decoded",
};

/** What an FFmpeg code (negative) means for the person who entered `url`; never contains its password. */
export function fromFfmpegCode(code: number, url: string, phase: StreamPhase): AppError {
  const kind = classify(code, phase);
  const detail = redactText(FFmpegError.strerror(code), url);
  return streamError(kind, `${messages[kind]} (${redactUrl(url)}: ${detail})`);
}

/**
 * As `fromFfmpegCode`, and where FFmpeg only says "I/O error" while opening, looks up the host's name to tell
 * a name that does not exist from a server that misbehaves.
 */
export async function diagnoseOpenError(code: number, url: string): Promise<AppError> {
  if (code === AVERROR_EIO) {
    const host = URL.canParse(url) ? new URL(url).hostname.replace(/^\[|\]$/g, "") : "";
    if (host !== "") {
      try {
        await lookup(host);
      } catch {
        return streamError("CAMERA_UNREACHABLE", `The name ${host} cannot be resolved`);
      }
    }
  }
  return fromFfmpegCode(code, url, "opening");
}
