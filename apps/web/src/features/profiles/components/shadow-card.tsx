"use client";
import { useQuery } from "@tanstack/react-query";
import { Card } from "@/components/ui/controls";
import { count, ms } from "@/lib/format";
import { useTRPC } from "@/lib/trpc";
import { activeColour, BoxOutlines, ownColour } from "./box-outlines";

const rate = (share: number): string => `${(100 * share).toFixed(1)} %`;
const when = (date: string): string => new Date(date).toLocaleString(undefined, { dateStyle: "medium", timeStyle: "short" });

/** How a profile differs from what runs, on live frames of its newest shadow. */
export function ShadowCard({ profileId }: { profileId: string }) {
  const trpc = useTRPC();
  const { data: shadow } = useQuery({
    ...trpc.shadows.ofProfile.queryOptions({ profileId }),
    refetchInterval: ({ state }) => (state.data && state.data.endedAt === null ? 2000 : false),
  });
  if (!shadow) return null;
  const { summary, examples } = shadow;
  return (
    <Card className="min-w-0 p-5">
      <h2 className="font-medium">In the shadow</h2>
      <p className="mt-1 text-xs text-muted">
        {rate(shadow.share)} of the frames since {when(shadow.startedAt)}
        {shadow.endedAt && `, until ${when(shadow.endedAt)}`}
      </p>
      {summary === null ? (
        <p className="mt-2 text-sm text-muted">
          It has seen no frame{shadow.endedAt ? "." : " yet. Where a camera runs on it already there is nothing to compare."}
        </p>
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
      {examples.length > 0 && (
        <>
          <h3 className="mt-5 text-sm font-medium">Frames that differ</h3>
          <p className="text-xs text-muted">
            <span style={{ color: activeColour }}>Blue: what runs</span>, <span style={{ color: ownColour }}>amber: this profile</span>.
          </p>
          <ul className="mt-3 grid gap-3 sm:grid-cols-2 xl:grid-cols-3">
            {examples.map((example) => (
              <li key={example.id} className="min-w-0">
                <div className="relative overflow-hidden rounded-md border border-line bg-raised">
                  <img
                    src={`/api/shadow-examples/${example.id}`}
                    alt={`${example.camera}, ${when(example.capturedAt)}`}
                    loading="lazy"
                    className="block w-full"
                  />
                  <svg viewBox="0 0 1 1" preserveAspectRatio="none" className="absolute inset-0 size-full" aria-hidden>
                    <BoxOutlines boxes={example.active} colour={activeColour} />
                    <BoxOutlines boxes={example.shadow} colour={ownColour} />
                  </svg>
                </div>
                <p className="mt-1 truncate text-[0.7rem] text-muted">
                  {example.differing} differ · {example.camera} · {when(example.capturedAt)}
                </p>
              </li>
            ))}
          </ul>
        </>
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
