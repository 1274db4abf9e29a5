"use client";
import { ErrorNote } from "@/components/ui/error-note";
import { Button } from "@/components/ui/controls";
import { errorInfo } from "@/lib/trpc";

export default function PageError({ error, reset }: { error: Error; reset: () => void }) {
  return (
    <div className="mx-auto grid max-w-lg gap-4 pt-10">
      <h1 className="text-lg font-semibold">This page could not be shown</h1>
      <ErrorNote error={errorInfo(error)} />
      <Button onClick={reset} className="justify-self-start">
        Try again
      </Button>
    </div>
  );
}
