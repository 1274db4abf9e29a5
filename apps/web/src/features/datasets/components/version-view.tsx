"use client";
import { CALIBRATION_IMAGES_WANTED, readingSchema } from "@octet/shared/domain/dataset";
import { ownTimeZone } from "@octet/shared/domain/time-zone";
import { keepPreviousData, useQuery } from "@tanstack/react-query";
import { useState } from "react";
import { Bars, Columns } from "@/components/ui/bars";
import { Button, Card, Skeleton } from "@/components/ui/controls";
import { ErrorNote } from "@/components/ui/error-note";
import { Notice } from "@/components/ui/notice";
import { PageHeader } from "@/components/ui/page-header";
import { PseudoLabels } from "@/features/profiles/components/pseudo-labels";
import { count } from "@/lib/format";
import { errorInfo, useTRPC } from "@/lib/trpc";
import { ImageSheet, objectsText } from "./image-sheet";
import { LabelledImage } from "./labelled-image";
import { VersionNav } from "./version-nav";

const PAGE = 60;
/** More than these are not shown: COCO has 80. */
const MOST_CLASSES = 20;

/** One version of a data set: how it is spread, what to watch out for, and its images. */
export function VersionView({ versionId }: { versionId: string }) {
  const trpc = useTRPC();
  const [offset, setOffset] = useState(0);
  /** Place on the page of the image that is shown large. */
  const [open, setOpen] = useState<number | null>(null);
  const version = useQuery(trpc.datasets.version.queryOptions({ versionId, timeZone: ownTimeZone() }));
  const images = useQuery({ ...trpc.datasets.images.queryOptions({ versionId, offset, limit: PAGE }), placeholderData: keepPreviousData });
  if (version.error) return <ErrorNote error={errorInfo(version.error)} />;
  if (!version.data) return <Skeleton className="h-60" />;
  const { dataset, coverage, warnings, leaks, layout, manifestSha256, labelCount } = version.data;
  const reading = readingSchema.safeParse(version.data.origin).data;
  const classes = reading?.classes ?? [];
  const total = images.data?.total ?? 0;
  return (
    <>
      <PageHeader
        title={`${dataset.name}, version ${version.data.version}`}
        note={`${dataset.kind} · ${layout} · sha256 ${manifestSha256}`}
      >
        {dataset.kind === "validation" && layout === "images" && <PseudoLabels />}
        <p className="font-mono text-sm">
          {count(coverage.images)}
          {dataset.kind === "calibration" && ` of ${count(CALIBRATION_IMAGES_WANTED)}`} images
          {labelCount > 0 && `, ${count(labelCount)} objects`}
        </p>
      </PageHeader>
      <VersionNav datasetId={dataset.id} versionId={versionId} />
      <div className="grid gap-2">
        {[
          ...warnings,
          ...leaks.map(
            ({ dataset: other, version: number, images: paths }) =>
              `${paths.length === 1 ? "An image is" : `${paths.length} images are`} in ${other} v${number} too, ${paths[0]} for one: what calibrates must not judge.`,
          ),
          ...(reading?.warnings ?? []),
        ].map((text) => (
          <Notice key={text}>{text}</Notice>
        ))}
      </div>
      <Card className="my-4 grid gap-6 p-5 md:grid-cols-2 xl:grid-cols-3">
        <Bars title="Cameras" bins={coverage.cameras.slice(0, 12)} />
        <Columns title="Brightness (mean luma)" bins={coverage.brightness} />
        <Columns title={`Hour of the day (${coverage.timeZone})`} bins={coverage.hours} />
        <Bars title="Objects an image" bins={coverage.faces} />
        <Bars title="Height of an object" bins={coverage.faceSizes} />
        {classes.length > 0 && (
          <Bars
            title={
              classes.length > MOST_CLASSES ? `Objects by class, the ${MOST_CLASSES} with most of ${classes.length}` : "Objects by class"
            }
            bins={classes.slice(0, MOST_CLASSES)}
          />
        )}
      </Card>
      <ul className="grid grid-cols-2 gap-2 sm:grid-cols-4 xl:grid-cols-6">
        {images.data?.images.map((image, at) => (
          <li key={image.path} className="min-w-0">
            <button type="button" className="block w-full cursor-zoom-in" aria-label={`Look at ${image.path}`} onClick={() => setOpen(at)}>
              <LabelledImage image={image} className="aspect-video w-full overflow-hidden rounded-md border border-line bg-raised" />
            </button>
            <p className="mt-1 truncate font-mono text-[0.65rem] text-muted" title={image.path}>
              {image.width}×{image.height} · {objectsText(image.faces)}
            </p>
          </li>
        ))}
      </ul>
      {open !== null && images.data?.images[open] && (
        <ImageSheet images={images.data.images} at={open} classes={classes} onMove={setOpen} onClose={() => setOpen(null)} />
      )}
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
