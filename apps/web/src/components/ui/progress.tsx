import { cn } from "@/lib/cn";

/** How far long work has come. @param percent 0–100 */
export function Progress({ percent, label, className }: { percent: number; label: string; className?: string }) {
  return (
    <div
      role="progressbar"
      aria-label={label}
      aria-valuemin={0}
      aria-valuemax={100}
      aria-valuenow={Math.round(percent)}
      className={cn("h-1.5 overflow-hidden rounded-full bg-raised", className)}
    >
      <div className="h-full rounded-full bg-accent transition-[width]" style={{ width: `${Math.min(100, Math.max(0, percent))}%` }} />
    </div>
  );
}
