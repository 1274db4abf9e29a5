"use client";
import { useQuery } from "@tanstack/react-query";
import { Maximize, Plus } from "lucide-react";
import { useRef, useState } from "react";
import { Button, buttonClass, Card, Select, Skeleton } from "@/components/ui/controls";
import { ErrorNote } from "@/components/ui/error-note";
import { useGradual } from "@/components/ui/gradual";
import { Link } from "@/components/ui/link";
import { PageHeader } from "@/components/ui/page-header";
import { cn } from "@/lib/cn";
import { errorInfo, useTRPC } from "@/lib/trpc";
import { useCameraFilter } from "./camera-filter";
import { Tile } from "./tile";

/** Drawn at a time. */
const TILES = 60;

const densities = {
  auto: "",
  "1": "lg:grid-cols-1",
  "2": "lg:grid-cols-2",
  "3": "lg:grid-cols-3",
  "4": "lg:grid-cols-4",
  "6": "lg:grid-cols-6",
} as const;
type Density = keyof typeof densities;

function autoColumns(count: number): string {
  if (count <= 1) return "lg:grid-cols-1 max-w-4xl";
  if (count <= 4) return "lg:grid-cols-2";
  if (count <= 9) return "lg:grid-cols-3";
  return count <= 24 ? "lg:grid-cols-4" : "lg:grid-cols-6";
}

export function Wall() {
  const trpc = useTRPC();
  const { data, error, isPending } = useQuery(trpc.cameras.list.queryOptions());
  const [density, setDensity] = useState<Density>("auto");
  const grid = useRef<HTMLElement>(null);
  const { found, fields } = useCameraFilter(data ?? []);
  const { drawn, end } = useGradual(found, TILES);

  return (
    <section ref={grid} className="bg-canvas [&:fullscreen]:overflow-auto [&:fullscreen]:p-4">
      <PageHeader title="Wall" note={data && `${data.length} camera${data.length === 1 ? "" : "s"}`}>
        {fields}
        <Select
          aria-label="Columns"
          value={density}
          onChange={(event) => setDensity(event.target.value as Density)}
          className="hidden w-40 lg:block"
        >
          {Object.keys(densities).map((name) => (
            <option key={name} value={name}>
              {name === "auto" ? "Auto columns" : `${name} across`}
            </option>
          ))}
        </Select>
        <Button onClick={() => void grid.current?.requestFullscreen()} aria-label="Full screen" title="Full screen">
          <Maximize className="size-4" />
        </Button>
      </PageHeader>
      {error && <ErrorNote error={errorInfo(error)} />}
      {isPending && (
        <div className="grid gap-4 lg:grid-cols-2">
          <Skeleton className="aspect-video" />
          <Skeleton className="aspect-video" />
        </div>
      )}
      {data?.length === 0 && (
        <Card className="grid justify-items-center gap-3 p-12 text-center">
          <p className="font-medium">No cameras yet</p>
          <p className="text-muted">Add one by its RTSP address, and it appears here.</p>
          <Link href="/cameras/new" className={buttonClass("primary")}>
            <Plus className="size-4" /> Add camera
          </Link>
        </Card>
      )}
      <div className={cn("grid gap-4 sm:grid-cols-2", density === "auto" ? autoColumns(found.length) : densities[density])}>
        {drawn.map((camera) => (
          <Tile key={camera.id} camera={camera} />
        ))}
      </div>
      {end}
    </section>
  );
}
