"use client";
import type { CameraStatus } from "@octet/shared/domain/camera";
import { Loader2, VideoOff } from "lucide-react";
import { Link } from "@/components/ui/link";
import { LivePicture } from "@/features/live/live-picture";
import { useCameraStatus } from "@/features/live/use-live";
import { fps, ms } from "@/lib/format";
import { ModelAlarmChip } from "./model-alarm";
import { type ListedCamera, lowered, StateDot, stateNames, stateOf, waitsFor } from "./state";

function Absence({ camera, status }: { camera: ListedCamera; status: CameraStatus | null }) {
  const state = stateOf(camera, status);
  const missing = waitsFor(camera, status);
  const Icon = state === "connecting" ? Loader2 : VideoOff;
  return (
    <div className="absolute inset-0 grid place-content-center justify-items-center gap-2 bg-[#0b0f0d]/85 p-4 text-center text-[#e6ece8]">
      <Icon className={state === "connecting" ? "size-5 animate-spin" : "size-5"} aria-hidden />
      <p className="font-medium">
        {status?.reason && state !== "disabled" ? status.reason.message.replace(/ \(rtsps?:.*\)$/, "") : stateNames[state]}
      </p>
      {missing && <p className="text-xs text-[#93a29a]">{missing.message}</p>}
      {status?.reason?.hint && state === "offline" && <p className="max-w-72 text-xs text-[#93a29a]">{status.reason.hint}</p>}
    </div>
  );
}

/** One camera of the wall. */
export function Tile({ camera }: { camera: ListedCamera }) {
  const status = useCameraStatus(camera.id) ?? (camera.enabled ? camera.status : null);
  const state = stateOf(camera, status);
  return (
    <article
      data-testid="tile"
      data-camera-id={camera.id}
      data-state={state}
      className="overflow-hidden rounded-lg border border-line bg-surface"
    >
      <Link
        href={`/cameras/${camera.id}`}
        className="relative block aspect-video bg-[#0b0f0d]"
        aria-label={`${camera.name}, ${stateNames[state]}${status?.modelAlarm ? ", not the promoted model" : ""}`}
      >
        <LivePicture cameraId={camera.id} active={state === "online"} />
        {state !== "online" && <Absence camera={camera} status={status} />}
      </Link>
      <div className="flex items-center gap-2.5 px-3 py-2">
        <StateDot state={state} />
        <h2 className="mr-auto truncate font-medium">{camera.name}</h2>
        {status?.modelAlarm && <ModelAlarmChip alarm={status.modelAlarm} />}
        {state === "online" && status && (
          <p className="flex shrink-0 gap-3 font-mono text-xs text-muted">
            {lowered(camera, status) ? (
              <span
                className="text-warn"
                title={`The host is at its limit: ${fps(status.granted ?? 0)} of ${camera.detectFps} detections a second`}
              >
                {fps(status.detectFps)} of {camera.detectFps}
              </span>
            ) : (
              <span title="Detections a second">{fps(status.detectFps)}</span>
            )}
            <span title="From the frame's arrival to its boxes, median">{ms(status.latency.total?.p50)}</span>
          </p>
        )}
      </div>
    </article>
  );
}
