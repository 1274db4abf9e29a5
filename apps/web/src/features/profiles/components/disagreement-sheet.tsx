"use client";
import { ZoomIn, ZoomOut } from "lucide-react";
import { type KeyboardEvent, useState } from "react";
import { Button } from "@/components/ui/controls";
import { ImageSteps } from "@/components/ui/image-steps";
import { Sheet } from "@/components/ui/sheet";
import { BoxedPicture } from "./boxed-picture";
import { type Disagreement, differText, sidesOf } from "./disagreement";

const zooms = [1, 1.5, 2, 3, 4, 6];

/** One image, large, as both models see it. Arrow keys go through the images; + and − zoom both alike. */
export function DisagreementSheet({
  disagreements,
  at,
  onMove,
  onClose,
}: {
  disagreements: readonly Disagreement[];
  at: number;
  onMove(at: number): void;
  onClose(): void;
}) {
  const [zoom, setZoom] = useState(0);
  const one = disagreements[at]!;
  const move = (by: number): void => onMove(Math.max(0, Math.min(disagreements.length - 1, at + by)));
  const change = (by: number): void => setZoom(Math.max(0, Math.min(zooms.length - 1, zoom + by)));
  const press = (event: KeyboardEvent): void => {
    // Zoomed in, the arrows scroll.
    if (event.key === "ArrowLeft" && zoom === 0) move(-1);
    else if (event.key === "ArrowRight" && zoom === 0) move(1);
    else if (event.key === "+" || event.key === "=") change(1);
    else if (event.key === "-") change(-1);
    else return;
    event.preventDefault();
  };
  return (
    <Sheet
      title={one.path}
      note={`${differText(one)} · image ${at + 1} of ${disagreements.length} · arrow keys: other images, + and −: zoom`}
      onClose={onClose}
      onKeyDown={press}
    >
      <div className="flex flex-wrap items-center gap-2 border-b border-line px-4 py-2">
        <ImageSteps at={at} count={disagreements.length} onMove={move} />
        <span className="mr-auto" />
        <Button className="px-2" aria-label="Zoom out" disabled={zoom === 0} onClick={() => change(-1)}>
          <ZoomOut className="size-4" aria-hidden />
        </Button>
        <span className="w-12 text-center font-mono text-xs" role="status">
          {Math.round(100 * zooms[zoom]!)} %
        </span>
        <Button className="px-2" aria-label="Zoom in" disabled={zoom === zooms.length - 1} onClick={() => change(1)}>
          <ZoomIn className="size-4" aria-hidden />
        </Button>
      </div>
      <section
        // biome-ignore lint/a11y/noNoninteractiveTabindex: what scrolls must be reachable by keyboard
        tabIndex={0}
        aria-label="Both pictures"
        className="min-h-0 grow overflow-auto p-4"
      >
        <div className="grid gap-4 md:grid-cols-2" style={{ width: `${100 * zooms[zoom]!}%` }}>
          {sidesOf(one).map(({ name, colour, boxes, lonely }) => (
            <figure key={name} className="min-w-0">
              <figcaption className="mb-1.5 flex items-center gap-2 text-sm">
                <span className="size-2.5 rounded-full" style={{ background: colour }} aria-hidden /> {name}
                <span className="text-xs text-muted">
                  {boxes.length} found, {lonely.length} of them by it alone
                </span>
              </figcaption>
              <span className="block rounded-md border border-line">
                <BoxedPicture sha256={one.sha256} alt={`${one.path}, ${name}`} boxes={boxes} lonely={lonely} colour={colour} />
              </span>
            </figure>
          ))}
        </div>
      </section>
    </Sheet>
  );
}
