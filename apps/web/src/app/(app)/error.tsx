"use client";
import { Button } from "@/components/ui/controls";
import { ErrorNote } from "@/components/ui/error-note";
import { errorInfo } from "@/lib/trpc";

export default function PageError({ error, reset }: { error: Error; reset: () => void }) {
  // Code that failed to load is not asked for again by the page that asked for it.
  const tryAgain = error.name === "ChunkLoadError" ? () => window.location.reload() : reset;
  return (
    <div className="mx-auto grid max-w-lg gap-4 pt-10">
      <h1 className="text-lg font-semibold">This page could not be shown</h1>
      <ErrorNote error={errorInfo(error)} />
      <Button onClick={tryAgain} className="justify-self-start">
        Try again
      </Button>
    </div>
  );
}
