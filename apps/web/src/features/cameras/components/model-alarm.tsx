import type { ErrorInfo } from "@octet/shared/errors";
import { TriangleAlert } from "lucide-react";
import { Chip } from "@/components/ui/controls";
import { ErrorNote } from "@/components/ui/error-note";

/** Beside a camera that does not run as what was promoted for it asks. */
export const ModelAlarmChip = ({ alarm }: { alarm: ErrorInfo }) => (
  <Chip className="shrink-0 bg-bad/10 text-bad" title={`It does not run as was promoted. ${alarm.message}`}>
    <TriangleAlert className="size-3" aria-hidden /> not as promoted
  </Chip>
);

/** The same with the reason. */
export const ModelAlarmNote = ({ alarm }: { alarm: ErrorInfo }) => (
  <ErrorNote error={{ ...alarm, message: `It does not run as was promoted: ${alarm.message}` }} />
);
