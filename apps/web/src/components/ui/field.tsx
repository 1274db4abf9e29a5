import { cloneElement, type ReactElement, useId } from "react";

/** A labelled control with its help and its error. */
export function Field({
  label,
  help,
  error,
  children,
}: {
  label: string;
  help?: string | undefined;
  error?: string | undefined;
  children: ReactElement<{ id?: string; "aria-invalid"?: boolean; "aria-describedby"?: string }>;
}) {
  const id = useId();
  const note = error ?? help;
  return (
    <div className="grid content-start gap-1.5">
      <label htmlFor={id} className="text-xs font-medium text-muted">
        {label}
      </label>
      {cloneElement(children, { id, "aria-invalid": Boolean(error), ...(note ? { "aria-describedby": `${id}-note` } : {}) })}
      {note && (
        <p id={`${id}-note`} className={error ? "text-xs text-bad" : "text-xs text-muted"}>
          {note}
        </p>
      )}
    </div>
  );
}
