import type { inferRouterOutputs } from "@trpc/server";
import { ScanFace } from "lucide-react";
import { Link } from "@/components/ui/link";
import type { AppRouter } from "@/server/root";

export type ListedDetection = inferRouterOutputs<AppRouter>["detections"]["list"]["items"][number];

export function DetectionCard({ detection, showCamera = true }: { detection: ListedDetection; showCamera?: boolean }) {
  const at = new Date(detection.capturedAt);
  return (
    <Link href={`/cameras/${detection.cameraId}`} className="group overflow-hidden rounded-md border border-line bg-surface">
      <div className="grid aspect-square place-items-center bg-raised">
        {detection.thumbnail ? (
          <img
            src={detection.thumbnail}
            alt={`${detection.label}, ${Math.round(detection.score * 100)} %`}
            loading="lazy"
            className="size-full object-cover"
          />
        ) : (
          <ScanFace className="size-6 text-muted" aria-hidden />
        )}
      </div>
      <div className="grid gap-0.5 p-2 text-xs">
        {showCamera && <p className="truncate font-medium group-hover:text-accent">{detection.cameraName}</p>}
        {detection.label !== "face" && <p className="truncate">{detection.label}</p>}
        <p className="flex justify-between gap-2 font-mono text-muted">
          <time dateTime={at.toISOString()} suppressHydrationWarning title={at.toLocaleString()}>
            {at.toLocaleTimeString([], { hour12: false })}
          </time>
          <span>
            {detection.trackId === null ? "" : `#${detection.trackId} `}
            {Math.round(detection.score * 100)}
          </span>
        </p>
      </div>
    </Link>
  );
}

export const detectionGrid = "grid grid-cols-[repeat(auto-fill,minmax(8rem,1fr))] gap-3";
