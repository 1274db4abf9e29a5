import type { ComponentProps } from "react";
import { cn } from "@/lib/cn";

const kinds = {
  primary: "bg-accent text-accent-ink hover:brightness-110",
  plain: "border border-line bg-surface hover:bg-raised",
  ghost: "hover:bg-raised",
  danger: "border border-bad/50 text-bad hover:bg-bad/10",
} as const;

export const buttonClass = (kind: keyof typeof kinds = "plain", className?: string): string =>
  cn(
    "inline-flex h-9 cursor-pointer items-center justify-center gap-2 rounded-md px-3 text-sm font-medium whitespace-nowrap transition disabled:pointer-events-none disabled:opacity-50",
    kinds[kind],
    className,
  );

export function Button({ kind = "plain", className, type = "button", ...props }: ComponentProps<"button"> & { kind?: keyof typeof kinds }) {
  return <button type={type} className={buttonClass(kind, className)} {...props} />;
}

const field = "h-9 w-full rounded-md border border-line bg-surface px-3 text-sm placeholder:text-muted/70 aria-invalid:border-bad";
export const Input = ({ className, ...props }: ComponentProps<"input">) => <input className={cn(field, className)} {...props} />;
export const Select = ({ className, ...props }: ComponentProps<"select">) => <select className={cn(field, "pr-8", className)} {...props} />;

export const Card = ({ className, ...props }: ComponentProps<"div">) => (
  <div className={cn("rounded-lg border border-line bg-surface", className)} {...props} />
);

export const Chip = ({ className, ...props }: ComponentProps<"span">) => (
  <span className={cn("inline-flex items-center gap-1 rounded bg-raised px-1.5 py-0.5 text-xs text-muted", className)} {...props} />
);

export const Skeleton = ({ className }: { className?: string }) => <div className={cn("animate-pulse rounded-md bg-raised", className)} />;
