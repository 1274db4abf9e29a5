"use client";
import { artifactPath } from "@octet/shared/domain/artifact";
import { CALIBRATION_IMAGES_WANTED } from "@octet/shared/domain/dataset";
import { keepPreviousData, useQuery } from "@tanstack/react-query";
import { TriangleAlert } from "lucide-react";
import { useState } from "react";
import { Bars, Columns } from "@/components/ui/bars";
import { Button, Card, Skeleton } from "@/components/ui/controls";
import { ErrorNote } from "@/components/ui/error-note";
import { PageHeader } from "@/components/ui/page-header";
import { count } from "@/lib/format";
import { errorInfo, useTRPC } from "@/lib/trpc";

const PAGE = 60;

/** One version of a data set: how it is spread, what to watch out for, and its images. */
export function VersionView({ versionId }: { versionId: string }) {
  const trpc = useTRPC();
  const [offset, setOffset] = useState(0);
  const version = useQuery(trpc.datasets.version.queryOptions({ versionId }));
  const images = useQuery({ ...trpc.datasets.images.queryOptions({ versionId, offset, limit: PAGE }), placeholderData: keepPreviousData });
  if (version.error) return <ErrorNote error={errorInfo(version.error)} />;
  if (!version.data) return <Skeleton className="h-60" />;
  const { dataset, coverage, warnings, leaks, layout, manifestSha256, labelCount } = version.data;
  const total = images.data?.total ?? 0;
  return (
    <>
      <PageHeader
        title={`${dataset.name}, version ${version.data.version}`}
        note={`${dataset.kind} · ${layout} · sha256 ${manifestSha256}`}
      >
        <p className="font-mono text-sm">
          {count(coverage.images)}
          {dataset.kind === "calibration" && ` of ${count(CALIBRATION_IMAGES_WANTED)}`} images
          {labelCount > 0 && `, ${count(labelCount)} faces`}
        </p>
      </PageHeader>
      {[
        ...warnings,
        ...leaks.map(
          ({ dataset: other, version: number, images: paths }) =>
            `${paths.length} images are in ${other} v${number} too, ${paths[0]} for one: what calibrates must not judge.`,
        ),
      ].map((text) => (
        <p key={text} className="mb-2 flex items-start gap-2 rounded-md border border-warn/40 bg-warn/8 p-3 text-sm">
          <TriangleAlert className="mt-0.5 size-4 shrink-0 text-warn" aria-hidden /> {text}
        </p>
      ))}
      <Card className="my-4 grid gap-6 p-5 md:grid-cols-2 xl:grid-cols-3">
        <Bars title="Cameras" bins={coverage.cameras.slice(0, 12)} />
        <Columns title="Brightness (mean luma)" bins={coverage.brightness} />
        <Columns title="Hour of the day (UTC)" bins={coverage.hours} />
        <Bars title="Faces an image" bins={coverage.faces} />
        <Bars title="Height of a face" bins={coverage.faceSizes} />
      </Card>
      <ul className="grid grid-cols-2 gap-2 sm:grid-cols-4 xl:grid-cols-6">
        {images.data?.images.map((image) => (
          <li key={image.path} className="min-w-0">
            <img
              src={artifactPath(image.sha256)}
              alt={image.path}
              loading="lazy"
              width={image.width}
              height={image.height}
              className="aspect-video w-full rounded-md border border-line bg-raised object-contain"
            />
            <p className="mt-1 truncate font-mono text-[0.65rem] text-muted" title={image.path}>
              {image.width}×{image.height} · {image.faces ?? "?"} faces
            </p>
          </li>
        ))}
      </ul>
      {total > PAGE && (
        <div className="mt-4 flex items-center gap-3">
          <Button disabled={offset === 0} onClick={() => setOffset(Math.max(0, offset - PAGE))}>
            Before
          </Button>
          <span className="text-xs text-muted">
            {offset + 1}–{Math.min(total, offset + PAGE)} of {count(total)}
          </span>
          <Button disabled={offset + PAGE >= total} onClick={() => setOffset(offset + PAGE)}>
            Next
          </Button>
        </div>
      )}
    </>
  );
}
