"use client";
import { useInfiniteQuery, useQuery } from "@tanstack/react-query";
import { useSearchParams } from "next/navigation";
import { useEffect, useState } from "react";
import { Button, Card, Input, Select, Skeleton } from "@/components/ui/controls";
import { ErrorNote } from "@/components/ui/error-note";
import { PageHeader } from "@/components/ui/page-header";
import { errorInfo, useTRPC } from "@/lib/trpc";
import { DetectionCard, detectionGrid } from "./detection-card";
import { Timeline } from "./timeline";

const presets = { "Last 15 minutes": 15, "Last hour": 60, "Last 24 hours": 1440, "Last 7 days": 10_080 } as const;
type Preset = keyof typeof presets | "Custom";

/** The range's end moves on every 15 s while it is "now"; in between, queries keep their key. */
function useRange(preset: Preset, custom: { from: string; to: string }): { from: string; to: string } {
  const [now, setNow] = useState(() => Date.now());
  useEffect(() => {
    const timer = setInterval(() => setNow(Date.now()), 15_000);
    return () => clearInterval(timer);
  }, []);
  if (preset !== "Custom") return { from: new Date(now - presets[preset] * 60_000).toISOString(), to: new Date(now).toISOString() };
  const from = custom.from ? new Date(custom.from) : new Date(now - 86_400_000);
  const to = custom.to ? new Date(custom.to) : new Date(now);
  return { from: from.toISOString(), to: (to > from ? to : new Date(from.getTime() + 60_000)).toISOString() };
}

export function DetectionBrowser() {
  const trpc = useTRPC();
  const [camera, setCamera] = useState(useSearchParams().get("camera") ?? "");
  const [preset, setPreset] = useState<Preset>("Last hour");
  const [custom, setCustom] = useState({ from: "", to: "" });
  const [minScore, setMinScore] = useState(0);
  const [tracksOnly, setTracksOnly] = useState(true);
  const range = useRange(preset, custom);
  const cameraIds = camera ? [camera] : undefined;
  const cameras = useQuery(trpc.cameras.list.queryOptions());
  const counts = useQuery({
    ...trpc.detections.counts.queryOptions({ cameraIds, ...range, buckets: 90 }),
    placeholderData: (before) => before,
  });
  const list = useInfiniteQuery({
    ...trpc.detections.list.infiniteQueryOptions(
      { cameraIds, ...range, minScore, tracksOnly, limit: 60 },
      { getNextPageParam: (page) => page.nextCursor },
    ),
    placeholderData: (before) => before,
  });
  const items = list.data?.pages.flatMap((page) => page.items) ?? [];

  return (
    <>
      <PageHeader
        title="Detections"
        note={counts.data && `${counts.data.reduce((sum, { count }) => sum + count, 0).toLocaleString("en")} in this time`}
      />
      <div className="mb-4 flex flex-wrap items-end gap-3">
        <Select aria-label="Camera" value={camera} onChange={(event) => setCamera(event.target.value)} className="w-44">
          <option value="">All cameras</option>
          {cameras.data?.map(({ id, name }) => (
            <option key={id} value={id}>
              {name}
            </option>
          ))}
        </Select>
        <Select aria-label="Time" value={preset} onChange={(event) => setPreset(event.target.value as Preset)} className="w-40">
          {[...Object.keys(presets), "Custom"].map((name) => (
            <option key={name}>{name}</option>
          ))}
        </Select>
        {preset === "Custom" && (
          <>
            <Input
              type="datetime-local"
              aria-label="From"
              value={custom.from}
              onChange={(event) => setCustom({ ...custom, from: event.target.value })}
              className="w-52"
            />
            <Input
              type="datetime-local"
              aria-label="To"
              value={custom.to}
              onChange={(event) => setCustom({ ...custom, to: event.target.value })}
              className="w-52"
            />
          </>
        )}
        <label className="flex h-9 items-center gap-2 text-xs text-muted">
          Score ≥ <span className="w-8 font-mono text-ink">{minScore.toFixed(2)}</span>
          <input
            type="range"
            min={0}
            max={0.99}
            step={0.01}
            value={minScore}
            onChange={(event) => setMinScore(Number(event.target.value))}
            className="w-28 accent-(--accent)"
          />
        </label>
        <label className="flex h-9 items-center gap-2 text-xs">
          <input
            type="checkbox"
            checked={tracksOnly}
            onChange={(event) => setTracksOnly(event.target.checked)}
            className="size-4 accent-(--accent)"
          />{" "}
          One per track
        </label>
      </div>
      <Card className="mb-5 p-3">{counts.data ? <Timeline counts={counts.data} /> : <Skeleton className="h-28" />}</Card>
      {list.error && <ErrorNote error={errorInfo(list.error)} />}
      {list.isPending && <Skeleton className="h-48" />}
      {list.data && items.length === 0 && <Card className="p-12 text-center text-muted">Nothing was detected in this time.</Card>}
      <div className={detectionGrid}>
        {items.map((detection) => (
          <DetectionCard key={detection.id} detection={detection} />
        ))}
      </div>
      {list.hasNextPage && (
        <Button onClick={() => void list.fetchNextPage()} disabled={list.isFetchingNextPage} className="mt-5">
          {list.isFetchingNextPage ? "Loading …" : "Older"}
        </Button>
      )}
    </>
  );
}
