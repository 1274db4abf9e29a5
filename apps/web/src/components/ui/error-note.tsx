import type { ErrorInfo } from "@octet/shared/errors";
import { TriangleAlert } from "lucide-react";

/** What went wrong, what to do, and the code to search for. */
export function ErrorNote({ error }: { error: ErrorInfo }) {
  return (
    <div role="alert" className="flex gap-3 rounded-md border border-bad/40 bg-bad/8 p-3 text-sm">
      <TriangleAlert className="mt-0.5 size-4 shrink-0 text-bad" aria-hidden />
      {/* A path has no place to break at. */}
      <div className="min-w-0 [overflow-wrap:anywhere]">
        <p className="font-medium">{error.message}</p>
        {error.hint && <p className="mt-1 text-muted">{error.hint}</p>}
        <p className="mt-1 font-mono text-xs text-muted">{error.code}</p>
      </div>
    </div>
  );
}
