import { Chip } from "@/components/ui/controls";

/** Beside every figure that rests on labels which the FP32 model made itself. */
export const PseudoLabels = ({ short = false }: { short?: boolean }) => (
  <Chip
    className="border border-dashed border-warn/60 bg-transparent text-warn"
    title="The FP32 model's own detections stand for labels: figures say how far a profile is from it, not how good either is."
  >
    {short ? "pseudo" : "pseudo-labels"}
  </Chip>
);
