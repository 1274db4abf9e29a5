import { cn } from "@/lib/cn";

/** @param share 0–1 */
export function Meter({ label, value, share }: { label: string; value: string; share: number }) {
  return (
    <div>
      <p className="flex justify-between text-xs">
        <span className="text-muted">{label}</span>
        <span className="font-mono">{value}</span>
      </p>
      <div className="mt-1 h-1.5 overflow-hidden rounded-full bg-raised">
        <div
          className={cn("h-full rounded-full", share > 0.9 ? "bg-bad" : share > 0.75 ? "bg-warn" : "bg-accent")}
          style={{ width: `${Math.min(100, share * 100)}%` }}
        />
      </div>
    </div>
  );
}
