"use client";
import { useQuery } from "@tanstack/react-query";
import { Link } from "@/components/ui/link";
import { useTRPC } from "@/lib/trpc";
import { DetectionCard, detectionGrid } from "./detection-card";

/** Who was seen last on one camera: one picture a track. */
export function RecentDetections({ cameraId }: { cameraId: string }) {
  const trpc = useTRPC();
  const { data } = useQuery(
    trpc.detections.list.queryOptions({ cameraIds: [cameraId], tracksOnly: true, limit: 18 }, { refetchInterval: 5000 }),
  );
  if (!data || data.items.length === 0) return null;
  return (
    <section className="mt-6">
      <div className="mb-3 flex items-center justify-between">
        <h2 className="font-medium">Seen last</h2>
        <Link href={`/detections?camera=${cameraId}`} className="text-xs text-accent hover:underline">
          All detections
        </Link>
      </div>
      <div className={detectionGrid}>
        {data.items.map((detection) => (
          <DetectionCard key={detection.id} detection={detection} showCamera={false} />
        ))}
      </div>
    </section>
  );
}
