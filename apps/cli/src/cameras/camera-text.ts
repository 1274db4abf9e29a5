import { noWorkerFor } from "@octet/shared/domain/camera";
import { facts } from "../output/facts.ts";
import { clean } from "../output/table.ts";
import type { ListedCamera } from "../server/cameras.ts";

export const stateOf = ({ enabled, status }: ListedCamera): string => (enabled ? (status?.state ?? "waiting") : "disabled");

/** Why it is in that state; empty where nothing is known against it. */
export function reasonOf(camera: ListedCamera): string {
  const { status, workerId, addressLost } = camera;
  if (status) return status.reason?.message ?? "";
  return stateOf(camera) === "waiting" && (workerId === null || addressLost) ? noWorkerFor(camera).message : "";
}

/** @param worker name of the one that runs it; null where none does */
export function cameraText(camera: ListedCamera, worker: string | null): string {
  const {
    id,
    name,
    url,
    substreamUrl,
    transport,
    detectFps,
    stillFps,
    latencyBudgetMs,
    confidence,
    classes,
    tags,
    priority,
    placement,
    status,
  } = camera;
  const reason = reasonOf(camera);
  const online = status?.state === "online" ? status : null;
  return [
    `${clean(name)}: ${stateOf(camera)}${worker === null ? "" : ` on ${worker}`}${reason ? ` (${reason})` : ""}`,
    ...(status?.modelAlarm ? [`model: ${status.modelAlarm.message}`] : []),
    facts([
      ["url", url],
      ["sub-stream", substreamUrl ?? "none"],
      ["transport", transport],
      ["stream", online?.stream ? `${online.stream.codec} ${online.stream.width}×${online.stream.height}, ${rate(online.streamFps)}` : ""],
      ["detections", online ? `${online.detectFps.toFixed(1)} of ${rate(detectFps)}` : rate(detectFps)],
      ["while still", stillFps === null ? "as ever" : rate(stillFps)],
      ["latency budget", latencyBudgetMs === null ? "its worker's" : `${latencyBudgetMs} ms at p99`],
      ["confidence", `${confidence}`],
      ["classes", classes.join(", ") || "all"],
      ["tags", tags.join(", ") || "none"],
      ["priority", priority],
      ["requires", placement.require.join(", ") || "no label"],
      ["prefers", placement.prefer.join(", ") || "no label"],
      ["excludes", placement.exclude.join(", ") || "no label"],
      ["id", id],
    ]),
  ].join("\n");
}

/** 2.5 a second, as few digits as it has. */
const rate = (perSecond: number): string => `${Number(perSecond.toFixed(1))} a second`;
