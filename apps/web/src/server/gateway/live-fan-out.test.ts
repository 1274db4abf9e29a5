import type { PackedFrame } from "@octet/shared/protocol/live-frame";
import type { Namespace } from "socket.io";
import { afterEach, beforeEach, expect, it, vi } from "vitest";
import { Replicas } from "../replicas/replicas.ts";
import { SharedInterest } from "./interest.ts";
import { LiveFanOut } from "./live-fan-out.ts";

beforeEach(() => {
  vi.useFakeTimers();
});
afterEach(() => {
  vi.useRealTimers();
});

const frame = (cameraId: string, n: number, picture = false): PackedFrame => ({
  cameraId,
  boxes: new Uint8Array([n]),
  preview: picture ? new Uint8Array([0xff]) : null,
});
const short = ({ cameraId, boxes, preview }: PackedFrame): string => `${cameraId}${boxes[0]}${preview ? " with picture" : ""}`;

/** Browsers by name and the rooms that they are in; each notes the messages that it gets. */
function browsers(rooms: Record<string, string[]>) {
  const messages: Record<string, string[][]> = {};
  const unsent: Record<string, unknown[]> = {};
  const sockets = new Map<string, unknown>();
  for (const name of new Set(Object.values(rooms).flat())) {
    messages[name] = [];
    unsent[name] = [];
    const conn = { writeBuffer: unsent[name] };
    sockets.set(name, { conn, emit: (_event: string, frames: PackedFrame[]) => messages[name]?.push(frames.map(short)) });
  }
  const adapter = { rooms: new Map(Object.entries(rooms).map(([room, names]) => [room, new Set(names)])) };
  const space = { adapter, sockets } as unknown as Namespace;
  return { fanOut: new LiveFanOut(space, new SharedInterest(new Replicas(), () => {})), messages, unsent, sockets };
}

it("sends what comes within the time of a picture together, and the picture only to who asked for it", () => {
  const { fanOut, messages } = browsers({ "frame:a": ["x", "y"], "preview:a": ["y"], "frame:b": ["x"] });
  fanOut.frames([frame("a", 1, true), frame("b", 1), frame("c", 1)]);
  fanOut.frames([frame("b", 2)]);
  expect(messages).toEqual({ x: [], y: [] });
  vi.advanceTimersByTime(20);
  expect(messages).toEqual({ x: [["a1", "b1", "b2"]], y: [["a1 with picture"]] });
  vi.advanceTimersByTime(1000);
  expect(messages["x"]).toHaveLength(1);
});

it("gives a browser that is behind the newest frame of each camera once it can take it, and keeps nobody else waiting", () => {
  const { fanOut, messages, unsent } = browsers({ "frame:a": ["slow", "fast"], "frame:b": ["slow"] });
  unsent["slow"]?.push("a message before");
  for (let n = 1; n <= 50; n++) {
    fanOut.frames([frame("a", n), frame("b", n)]);
    vi.advanceTimersByTime(20);
  }
  expect(messages["slow"]).toEqual([]);
  expect(messages["fast"]).toHaveLength(50);
  unsent["slow"]?.pop();
  vi.advanceTimersByTime(20);
  expect(messages["slow"]).toEqual([["a50", "b50"]]);
});

it("keeps nothing for a browser that has left, or after it was closed", () => {
  const { fanOut, messages, sockets } = browsers({ "frame:a": ["gone", "there"] });
  fanOut.frames([frame("a", 1)]);
  sockets.delete("gone");
  vi.advanceTimersByTime(20);
  expect(messages).toEqual({ gone: [], there: [["a1"]] });
  fanOut.frames([frame("a", 2)]);
  fanOut.close();
  vi.advanceTimersByTime(1000);
  expect(messages["there"]).toHaveLength(1);
  expect(vi.getTimerCount()).toBe(0);
});
