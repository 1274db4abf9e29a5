import { ChevronLeft, ChevronRight } from "lucide-react";
import { Button } from "./controls";

/** To the image before and the next one. */
export function ImageSteps({ at, count, onMove }: { at: number; count: number; onMove(by: 1 | -1): void }) {
  return (
    <span className="flex gap-2">
      <Button className="px-2" aria-label="Image before" disabled={at === 0} onClick={() => onMove(-1)}>
        <ChevronLeft className="size-4" aria-hidden />
      </Button>
      <Button className="px-2" aria-label="Next image" disabled={at === count - 1} onClick={() => onMove(1)}>
        <ChevronRight className="size-4" aria-hidden />
      </Button>
    </span>
  );
}
