/** Counts as horizontal bars, the largest full width. */
export function Bars({ title, bins }: { title: string; bins: readonly { label: string; count: number }[] }) {
  const most = Math.max(1, ...bins.map(({ count }) => count));
  return (
    <figure className="min-w-0">
      <figcaption className="mb-2 text-xs font-medium text-muted">{title}</figcaption>
      {bins.length === 0 && <p className="text-xs text-muted">Not known.</p>}
      <ul className="grid gap-1">
        {bins.map(({ label, count }) => (
          <li key={label} className="grid grid-cols-[7rem_1fr_3rem] items-center gap-2 text-xs">
            <span className="truncate text-muted" title={label}>
              {label}
            </span>
            <span className="h-3 overflow-hidden rounded-sm bg-raised">
              <span className="block h-full bg-accent" style={{ width: `${(count / most) * 100}%` }} />
            </span>
            <span className="text-right font-mono">{count}</span>
          </li>
        ))}
      </ul>
    </figure>
  );
}

/** Counts as columns: for many bins in an order, such as hours. */
export function Columns({ title, bins }: { title: string; bins: readonly { label: string; count: number }[] }) {
  const most = Math.max(1, ...bins.map(({ count }) => count));
  return (
    <figure className="min-w-0">
      <figcaption className="mb-2 text-xs font-medium text-muted">{title}</figcaption>
      {bins.length === 0 ? (
        <p className="text-xs text-muted">Not known.</p>
      ) : (
        <>
          <div
            className="flex h-20 items-end gap-px"
            role="img"
            aria-label={bins.map(({ label, count }) => `${label}: ${count}`).join(", ")}
          >
            {bins.map(({ label, count }) => (
              <span
                key={label}
                className="flex-1 rounded-t-sm bg-accent"
                style={{ height: `${Math.max(count > 0 ? 3 : 0, (count / most) * 100)}%` }}
                title={`${label}: ${count}`}
              />
            ))}
          </div>
          <p className="mt-1 flex justify-between font-mono text-[0.65rem] text-muted">
            <span>{bins[0]?.label}</span>
            <span>{bins.at(-1)?.label}</span>
          </p>
        </>
      )}
    </figure>
  );
}
