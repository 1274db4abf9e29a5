"use client";
import { alarmSchema } from "@octet/shared/domain/alarm";
import { useInfiniteQuery } from "@tanstack/react-query";
import { Button, Card, Skeleton } from "@/components/ui/controls";
import { ErrorNote } from "@/components/ui/error-note";
import { PageHeader } from "@/components/ui/page-header";
import { errorInfo, useTRPC } from "@/lib/trpc";
import { AlarmRow } from "./alarm-row";

function AlarmCard({ open, empty }: { open: boolean; empty: string }) {
  const trpc = useTRPC();
  const { data, error, isPending, hasNextPage, fetchNextPage, isFetchingNextPage } = useInfiniteQuery(
    trpc.alarms.list.infiniteQueryOptions(
      { open, limit: open ? 200 : 30 },
      // Alarms of other web processes do not reach this browser by themselves.
      { getNextPageParam: (page) => page.nextCursor, refetchInterval: 30_000 },
    ),
  );
  const alarms = data?.pages.flatMap((page) => page.items.map((alarm) => alarmSchema.parse(alarm))) ?? [];
  return (
    <>
      {error && <ErrorNote error={errorInfo(error)} />}
      {isPending && <Skeleton className="h-24" />}
      {data && alarms.length === 0 && <Card className="p-8 text-center text-muted">{empty}</Card>}
      {alarms.length > 0 && (
        <Card>
          <ul className="divide-y divide-line">
            {alarms.map((alarm) => (
              <AlarmRow key={alarm.id} alarm={alarm} />
            ))}
          </ul>
        </Card>
      )}
      {hasNextPage && (
        <Button className="mt-4" onClick={() => void fetchNextPage()} disabled={isFetchingNextPage}>
          Show older alarms
        </Button>
      )}
    </>
  );
}

export function AlarmList() {
  return (
    <>
      <PageHeader title="Alarms" note="What needs attention. An alarm clears by itself once its cause has passed." />
      <AlarmCard open empty="Nothing needs attention." />
      <h2 className="mt-8 mb-3 font-medium">Cleared</h2>
      <AlarmCard open={false} empty="No alarm has cleared in the last 90 days." />
    </>
  );
}
