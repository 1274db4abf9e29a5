import type { WeightBits } from "@octet/shared/domain/weight-bits";
import { type CameraKind, parseCameraKind } from "@octet/shared/planning/camera-kind";
import { type FrameSize, parseFrameSize } from "@octet/shared/planning/frame-size";
import { codecs } from "@octet/shared/planning/nvdec";
import { InvalidArgumentError } from "commander";

/** Parser of a number option; both ends belong to it. */
export function numberBetween(least: number, most: number, { whole = false } = {}): (text: string) => number {
  return (text) => {
    const value = Number(text);
    if (text.trim() === "" || !Number.isFinite(value) || value < least || value > most || (whole && !Number.isInteger(value)))
      throw new InvalidArgumentError(
        `Give a ${whole ? "whole " : ""}number${most === Infinity ? ` from ${least}` : ` from ${least} to ${most}`}.`,
      );
    return value;
  };
}

/** Parser of a number option that an empty text takes away. It stays one, for Commander would make one of null itself. */
export const orEmpty =
  (parse: (text: string) => number) =>
  (text: string): number | "" =>
    text === "" ? "" : parse(text);

/** "1,4" as whole numbers from 1. */
export function listOfNumbers(text: string): number[] {
  const values = text.split(",").map((part) => Number(part.trim() || Number.NaN));
  if (!values.every((value) => Number.isInteger(value) && value >= 1 && value <= 256))
    throw new InvalidArgumentError("Give whole numbers from 1 to 256, separated by commas.");
  return [...new Set(values)];
}

/** For options that may be given several times. */
export const collect = (value: string, before: readonly string[] | undefined): string[] => [...(before ?? []), value];

const units: Readonly<Record<string, number>> = { s: 1000, m: 60_000, h: 3_600_000, d: 86_400_000 };

/** A time: ISO 8601 (2026-03-01T08:00), or so long ago (30m, 2h, 7d). */
export function parseTime(text: string, now: number = Date.now()): Date {
  const ago = /^(\d+(?:\.\d+)?)([smhd])$/.exec(text.trim());
  const time = ago ? new Date(now - Number(ago[1]) * units[ago[2]!]!) : new Date(text);
  if (Number.isNaN(time.getTime())) throw new InvalidArgumentError("Give a time such as 2026-03-01T08:00, or how long ago: 30m, 2h, 7d.");
  return time;
}

/** "1920x1080" */
export function frameSize(text: string): FrameSize {
  const size = parseFrameSize(text);
  if (!size) throw new InvalidArgumentError("Give width and height from 16 to 8192, such as 1920x1080.");
  return size;
}

/** "20:3840x2160:hevc:15:5" */
export function cameraKind(text: string): CameraKind {
  const kind = parseCameraKind(text);
  if (!kind)
    throw new InvalidArgumentError(
      `Give cameras, size, codec (${codecs.join(", ")}), frames a second and how many of them are inferred, such as 20:3840x2160:hevc:15:5.`,
    );
  return kind;
}

export const weightBitsChoices = ["auto", "7", "8", "paired"] as const;
export type WeightBitsChoice = (typeof weightBitsChoices)[number];

/** null: as the host that builds wants it. */
export function weightBitsOf(choice: WeightBitsChoice): WeightBits | null {
  if (choice === "auto") return null;
  return choice === "7" ? 7 : choice === "8" ? 8 : choice;
}
