"use client";
import { useMutation } from "@tanstack/react-query";
import { Button, Card } from "@/components/ui/controls";
import { ErrorNote } from "@/components/ui/error-note";
import { ago } from "@/lib/format";
import { errorInfo, useTRPC } from "@/lib/trpc";
import type { Profile } from "./figures";
import { usePlaces } from "./use-places";
import { useRank } from "./use-rank";
import { useRefresh } from "./use-refresh";

/** Where a profile runs now, and the way back from each. */
export function PromotionList({ promotions }: { promotions: Profile["promotions"] }) {
  const trpc = useTRPC();
  const { operates } = useRank();
  const { nameOf } = usePlaces();
  const rollBack = useMutation(trpc.profiles.rollBack.mutationOptions({ ...useRefresh(), meta: { inline: true } }));
  if (promotions.length === 0) return null;
  return (
    <Card className="min-w-0 p-5">
      <h2 className="font-medium">Where it runs</h2>
      <ul className="mt-3 grid gap-3">
        {promotions.map(({ id, role, scope, scopeValue, share, createdAt, overridden }) => {
          const place = nameOf(scope, scopeValue);
          return (
            <li key={id} className="flex flex-wrap items-center gap-3 text-sm">
              <span className="mr-auto min-w-0 [overflow-wrap:anywhere]">
                {role === "active" ? "Runs" : "In the shadow"} on {place}
                <span className="block text-xs text-muted" suppressHydrationWarning>
                  since {ago(new Date(createdAt).getTime())}
                  {role === "shadow" && `, ${Math.round(100 * share)} % of the frames`}
                  {overridden && `, gate overridden: ${overridden}`}
                </span>
              </span>
              {operates && (
                <Button
                  kind="danger"
                  disabled={rollBack.isPending}
                  title={`${role === "active" ? "Brings back what ran before on" : "Ends the shadow on"} ${place}`}
                  onClick={() => rollBack.mutate({ promotionId: id })}
                >
                  {role === "active" ? "Roll back" : "End the shadow"}
                </Button>
              )}
            </li>
          );
        })}
      </ul>
      {rollBack.error && (
        <div className="mt-3">
          <ErrorNote error={errorInfo(rollBack.error)} />
        </div>
      )}
    </Card>
  );
}
