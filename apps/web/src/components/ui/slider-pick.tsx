import { useId } from "react";

/** Picks one of many by a slider: what a pointer picks in a plot, the keyboard picks here. @param name says what `at` is */
export function SliderPick({
  label,
  count,
  at,
  name,
  onPick,
}: {
  label: string;
  count: number;
  at: number;
  name: string;
  onPick(at: number): void;
}) {
  const id = useId();
  return (
    <div className="flex items-center gap-3 text-xs text-muted">
      <label htmlFor={id} className="shrink-0">
        {label}
      </label>
      <input
        id={id}
        type="range"
        min={0}
        max={count - 1}
        value={at}
        aria-valuetext={name}
        onChange={(event) => onPick(Number(event.target.value))}
        className="min-w-0 grow accent-accent"
      />
      <span className="shrink-0 font-mono">
        {at + 1}/{count}
      </span>
    </div>
  );
}
