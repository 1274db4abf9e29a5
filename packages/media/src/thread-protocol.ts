import type { FractionBox, PacketChunk, SampledFrame, SourceCounters, SourceOptions, SourceState } from "./source-types.ts";

export interface ThreadOptions {
  mediaRoot: string;
  /** See `MediaHostOptions`. */
  decodeInPool: boolean;
  /** CUDA's index of the GPU that decodes; null for the host's choice. */
  gpu: number | null;
}

/** What a media thread is started with. */
export interface ThreadData extends ThreadOptions {
  /** URL of the TypeScript module that the bootstrap imports. */
  entry: string;
}

/** Slots of a source's shared counter: see `OpenMessage.flow`. */
export const FLOW_DELIVERED = 0;
export const FLOW_BYTES = 4;

export interface OpenMessage {
  type: "open";
  key: number;
  options: SourceOptions;
  /** Int32: frames that the main loop has taken. Lets the thread stop scaling for a main loop that is busy. */
  flow: SharedArrayBuffer;
}

/** `key` names one opened source; it is never used twice. */
export type ToThread =
  | OpenMessage
  | { type: "close"; key: number }
  | { type: "preview"; key: number; width: number | null }
  | { type: "video"; key: number; on: boolean }
  | { type: "update"; key: number; detectFps: number | undefined; delayMs: number | null; stillFps: number | null | undefined }
  | { type: "recycle"; key: number; buffer: SharedArrayBuffer | null }
  | { type: "release"; key: number; seq: number }
  | { type: "crop"; key: number; request: number; seq: number; box: FractionBox; size: number }
  | { type: "picture"; key: number; request: number; seq: number }
  | { type: "stop" };

export type FromThread =
  | { type: "ready" }
  | { type: "frame"; key: number; frame: SampledFrame }
  | { type: "state"; key: number; state: SourceState }
  | { type: "packets"; key: number; chunk: PacketChunk }
  | { type: "counters"; key: number; counters: SourceCounters }
  | { type: "cropped"; request: number; jpeg: Uint8Array | null }
  | { type: "closed"; key: number }
  | { type: "log"; level: "info" | "warn"; fields: object; message: string };

/** How a source speaks to the main loop. */
export type Post = (message: FromThread, transfer?: ArrayBuffer[]) => void;
