import { z } from "zod";

/**
 * latency-budget: a camera's p99 from arrival to boxes is over the budget · detection-rate: it gets fewer detections a second than
 * were asked for · model-fallback: it does not run on what was promoted for it · decoder-saturated: a host decodes less than is due ·
 * camera-offline: no frames arrive · host-lost: a worker left without a goodbye · spool-loss: a worker gave detections up ·
 * clock-off: a worker's clock and the gateway's differ · memory-high: a host or a GPU runs out of memory.
 */
export const alarmKinds = [
  "latency-budget",
  "detection-rate",
  "model-fallback",
  "decoder-saturated",
  "camera-offline",
  "host-lost",
  "spool-loss",
  "clock-off",
  "memory-high",
] as const;
export const alarmKindSchema = z.enum(alarmKinds);
export type AlarmKind = z.infer<typeof alarmKindSchema>;

export const alarmSeveritySchema = z.enum(["warning", "critical"]);
export type AlarmSeverity = z.infer<typeof alarmSeveritySchema>;

export const alarmSubjectSchema = z.object({ subjectKind: z.enum(["camera", "worker"]), subjectId: z.string(), subjectName: z.string() });
export type AlarmSubject = z.infer<typeof alarmSubjectSchema>;

/** Raised by a condition, cleared once it has passed; acknowledged by a person who has seen it. */
export const alarmSchema = alarmSubjectSchema.extend({
  id: z.uuid(),
  kind: alarmKindSchema,
  severity: alarmSeveritySchema,
  /** As it was when the alarm was raised. */
  message: z.string(),
  hint: z.string().nullable(),
  raisedAt: z.coerce.date(),
  clearedAt: z.coerce.date().nullable(),
  acknowledgedAt: z.coerce.date().nullable(),
  acknowledgedBy: z.string().nullable(),
});
export type Alarm = z.infer<typeof alarmSchema>;

/** What `OCTET_ALARM_WEBHOOK` is sent. */
export const alarmEventSchema = z.object({ event: z.enum(["raised", "cleared"]), alarm: alarmSchema });
export type AlarmEvent = z.infer<typeof alarmEventSchema>;
