import type { ErrorInfo } from "@octet/shared/errors";
import { TriangleAlert } from "lucide-react";
import { Chip } from "@/components/ui/controls";
import { ErrorNote } from "@/components/ui/error-note";

/** Beside a camera that does not run what was promoted for it. */
export const ModelAlarmChip = ({ alarm }: { alarm: ErrorInfo }) => (
  <Chip className="shrink-0 bg-bad/10 text-bad" title={`It does not run the model that was promoted for it. ${alarm.message}`}>
    <TriangleAlert className="size-3" aria-hidden /> not the promoted model
  </Chip>
);

/** The same with the reason. */
export const ModelAlarmNote = ({ alarm }: { alarm: ErrorInfo }) => (
  <ErrorNote error={{ ...alarm, message: `It does not run the model that was promoted for it: ${alarm.message}` }} />
);
