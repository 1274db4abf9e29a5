"use client";
import { useQuery } from "@tanstack/react-query";
import { Card } from "@/components/ui/controls";
import { count, ms } from "@/lib/format";
import { useTRPC } from "@/lib/trpc";

const rate = (share: number): string => `${(100 * share).toFixed(1)} %`;

/** How a profile in the shadow differs from what runs, on live frames. */
export function ShadowCard({ profileId }: { profileId: string }) {
  const trpc = useTRPC();
  const { data } = useQuery({ ...trpc.profiles.shadows.queryOptions(), refetchInterval: 2000 });
  const summary = data?.[profileId];
  if (summary === undefined) return null;
  return (
    <Card className="p-5">
      <h2 className="font-medium">In the shadow</h2>
      {summary === null ? (
        <p className="mt-2 text-sm text-muted">It has seen no frame yet.</p>
      ) : (
        <dl className="mt-3 grid grid-cols-2 gap-3 text-sm sm:grid-cols-4">
          <Fact name="Frames seen" value={`${count(summary.frames)} of ${summary.cameras} camera${summary.cameras === 1 ? "" : "s"}`} />
          <Fact name="Frames that differ" value={rate(summary.disagreementRate)} />
          <Fact name="Faces that it lacks" value={rate(summary.missedRate)} />
          <Fact name="Faces that it adds" value={rate(summary.addedRate)} />
          <Fact name="Mean score shift" value={summary.meanScoreShift.toFixed(3)} />
          <Fact name="Inference, active" value={ms(summary.activeMs)} />
          <Fact name="Inference, shadow" value={ms(summary.shadowMs)} />
        </dl>
      )}
    </Card>
  );
}

function Fact({ name, value }: { name: string; value: string }) {
  return (
    <div>
      <dt className="text-xs text-muted">{name}</dt>
      <dd className="font-mono text-xs">{value}</dd>
    </div>
  );
}
