import { TriangleAlert } from "lucide-react";
import type { ReactNode } from "react";

/** Something to watch out for that is no error. */
export const Notice = ({ children }: { children: ReactNode }) => (
  <div className="flex items-start gap-2 rounded-md border border-warn/40 bg-warn/8 p-3 text-sm">
    <TriangleAlert className="mt-0.5 size-4 shrink-0 text-warn" aria-hidden />
    <div className="min-w-0 [overflow-wrap:anywhere]">{children}</div>
  </div>
);
