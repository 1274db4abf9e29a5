"use client";
import type { ClassCounts } from "@octet/shared/domain/dataset";
import type { KeyboardEvent } from "react";
import { ImageSteps } from "@/components/ui/image-steps";
import { Sheet } from "@/components/ui/sheet";
import { classColour, type DatasetImageRow, LabelledImage } from "./labelled-image";

/** One image of a data set, large, with its objects and their classes. Arrow keys go through the images of the page. */
export function ImageSheet({
  images,
  at,
  classes,
  onMove,
  onClose,
}: {
  images: readonly DatasetImageRow[];
  at: number;
  /** Of the version, in the order that images name them by. */
  classes: ClassCounts;
  onMove(at: number): void;
  onClose(): void;
}) {
  const image = images[at]!;
  const move = (by: number): void => onMove(Math.max(0, Math.min(images.length - 1, at + by)));
  const press = (event: KeyboardEvent): void => {
    if (event.key === "ArrowLeft") move(-1);
    else if (event.key === "ArrowRight") move(1);
    else return;
    event.preventDefault();
  };
  const places = [...new Set(image.boxClasses)].sort((a, b) => a - b);
  return (
    <Sheet
      title={image.path}
      note={`${image.width}×${image.height} · mean luma ${image.brightness.toFixed(0)} · image ${at + 1} of ${images.length} on this page · arrow keys: other images`}
      onClose={onClose}
      onKeyDown={press}
    >
      <div className="flex flex-wrap items-center gap-x-4 gap-y-2 border-b border-line px-4 py-2">
        <ImageSteps at={at} count={images.length} onMove={move} />
        <ul className="flex flex-wrap gap-x-4 gap-y-1 text-sm">
          {places.map((place) => (
            <li key={place} className="flex items-center gap-1.5">
              <span className="size-2.5 rounded-full" style={{ background: classColour(place) }} aria-hidden />
              {image.boxClasses.filter((other) => other === place).length} × {classes[place]?.label ?? "object"}
            </li>
          ))}
        </ul>
        {places.length === 0 && <p className="text-sm text-muted">{objectsText(image.faces)}</p>}
      </div>
      <LabelledImage image={image} className="min-h-0 grow" />
    </Sheet>
  );
}

export function objectsText(objects: number | null): string {
  return objects === null ? "nobody looked for objects" : `${objects} ${objects === 1 ? "object" : "objects"}`;
}
