"use client";
import { useSyncExternalStore } from "react";
import { navigations } from "./navigations";

/** A line at the top while a page is on its way, so that a click is seen to have been taken. */
export function NavigationProgress() {
  const pending = useSyncExternalStore(
    navigations.subscribe,
    () => navigations.pending,
    () => false,
  );
  return (
    <div role="status" className="pointer-events-none fixed inset-x-0 top-0 z-50 h-0.5 overflow-hidden">
      {pending && (
        <div className="navigation-progress h-full bg-accent">
          <span className="sr-only">Loading the page</span>
        </div>
      )}
    </div>
  );
}
