import { type CameraState, type CameraStatus, noWorkerFor } from "@octet/shared/domain/camera";
import type { ErrorInfo } from "@octet/shared/errors";
import type { inferRouterOutputs } from "@trpc/server";
import { cn } from "@/lib/cn";
import type { AppRouter } from "@/server/root";

/** A camera as lists have it: dates are text, once they came over HTTP. */
export type ListedCamera = inferRouterOutputs<AppRouter>["cameras"]["list"][number];

const colours: Record<CameraState, string> = {
  online: "bg-ok",
  connecting: "bg-warn",
  waiting: "bg-warn",
  offline: "bg-bad",
  disabled: "bg-muted",
};
export const stateNames: Record<CameraState, string> = {
  online: "Online",
  connecting: "Connecting",
  waiting: "Waiting for a worker",
  offline: "Offline",
  disabled: "Switched off",
};

/** Without a report from a worker, a camera that is switched on waits for one. */
export const stateOf = (camera: { enabled: boolean }, status: CameraStatus | null): CameraState =>
  camera.enabled ? (status?.state ?? "waiting") : "disabled";

/** Why a camera that waits has no worker; null where it has one, which has not reported yet. */
export const waitsFor = (camera: ListedCamera, status: CameraStatus | null): ErrorInfo | null =>
  stateOf(camera, status) === "waiting" && (camera.workerId === null || camera.addressLost) ? noWorkerFor(camera) : null;

/** Whether its worker lets it have fewer detections than it asks for. */
export function lowered({ detectFps }: { detectFps: number }, status: CameraStatus | null): boolean {
  return status !== null && status.granted !== null && status.granted < detectFps * 0.98;
}

export function StateDot({ state, label = false }: { state: CameraState; label?: boolean }) {
  return (
    <span className="inline-flex items-center gap-2 whitespace-nowrap">
      <span className={cn("size-2 shrink-0 rounded-full", colours[state])} title={stateNames[state]} />
      {label ? stateNames[state] : <span className="sr-only">{stateNames[state]}</span>}
    </span>
  );
}
