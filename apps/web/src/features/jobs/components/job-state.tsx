import type { JobState } from "@octet/shared/domain/job";
import { Ban, Check, CircleDashed, CircleX, LoaderCircle } from "lucide-react";
import { cn } from "@/lib/cn";

const looks = {
  queued: { icon: CircleDashed, label: "waiting", className: "text-muted" },
  running: { icon: LoaderCircle, label: "running", className: "text-accent" },
  done: { icon: Check, label: "done", className: "text-ok" },
  failed: { icon: CircleX, label: "failed", className: "text-bad" },
  cancelled: { icon: Ban, label: "cancelled", className: "text-muted" },
} as const;

export function JobStateMark({ state }: { state: JobState }) {
  const { icon: Icon, label, className } = looks[state];
  return (
    <span className={cn("inline-flex items-center gap-1.5 text-xs font-medium", className)}>
      <Icon className={cn("size-3.5", state === "running" && "animate-spin")} aria-hidden /> {label}
    </span>
  );
}
