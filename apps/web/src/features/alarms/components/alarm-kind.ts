import type { AlarmKind } from "@octet/shared/domain/alarm";

/** Messages of errors end as they please; a hint follows on a full stop. */
export const asSentence = (message: string): string => message.replace(/\.?$/, ".");

export const alarmNames: Record<AlarmKind, string> = {
  "latency-budget": "Latency over budget",
  "detection-rate": "Too few detections",
  "model-fallback": "Not the promoted model",
  "decoder-saturated": "Decoding at its limit",
  "camera-offline": "Camera offline",
  "host-lost": "Host lost",
  "spool-loss": "Detections lost",
  "clock-off": "Clock off",
  "memory-high": "Memory at its limit",
};
