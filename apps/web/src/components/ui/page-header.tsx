import type { ReactNode } from "react";

export function PageHeader({ title, note, children }: { title: string; note?: ReactNode; children?: ReactNode }) {
  return (
    <header className="mb-5 flex min-w-0 flex-wrap items-center gap-x-4 gap-y-3">
      <div className="min-w-0 flex-1 basis-72 [&_p]:[overflow-wrap:anywhere]">
        <h1 className="text-lg font-semibold tracking-tight">{title}</h1>
        {note && <p className="text-xs text-muted">{note}</p>}
      </div>
      {children}
    </header>
  );
}
