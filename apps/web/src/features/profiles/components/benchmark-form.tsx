"use client";
import { useMutation } from "@tanstack/react-query";
import { type FormEvent, useState } from "react";
import { Button, Input } from "@/components/ui/controls";
import { ErrorNote } from "@/components/ui/error-note";
import { Field } from "@/components/ui/field";
import { errorInfo, useTRPC } from "@/lib/trpc";
import { useRefresh } from "./use-refresh";
import { chosenWorker, WorkerChoice } from "./worker-choice";

/** Latency and throughput by batch, and how many simulated cameras hold their rate. */
export function BenchmarkForm({ profileId, built }: { profileId: string; built: boolean }) {
  const trpc = useTRPC();
  const benchmark = useMutation(trpc.profiles.benchmark.mutationOptions({ ...useRefresh(), meta: { inline: true } }));
  const [streams, setStreams] = useState(70);
  const submit = (event: FormEvent<HTMLFormElement>): void => {
    event.preventDefault();
    const form = new FormData(event.currentTarget);
    const number = (name: string): number => Number(form.get(name));
    benchmark.mutate({
      id: profileId,
      onWorkerId: chosenWorker(form),
      batches: batchesOf(String(form.get("batches"))),
      streams:
        streams > 0
          ? { count: streams, fps: number("fps"), decode: form.has("decode"), budgetMs: number("budget"), soakSeconds: number("soak") }
          : null,
    });
  };
  return (
    <form onSubmit={submit} className="grid gap-3">
      <Field label="Benchmark, up to so many streams" help={streams > 0 ? undefined : "0: latency and throughput only."}>
        <Input type="number" min={0} max={500} required value={streams} onChange={(event) => setStreams(Number(event.target.value))} />
      </Field>
      {streams > 0 && (
        <>
          <div className="grid grid-cols-2 gap-3">
            <Field label="Frames a second of each">
              <Input name="fps" type="number" min={0.1} max={60} step={0.1} defaultValue={5} required />
            </Field>
            <Field label="p99 within, ms">
              <Input name="budget" type="number" min={1} max={10_000} defaultValue={200} required />
            </Field>
          </div>
          <Field label="Go on with the streams that hold, seconds" help="To see whether memory grows: an hour says more than the default.">
            <Input name="soak" type="number" min={0} max={86_400} defaultValue={10} required />
          </Field>
          <label className="flex items-center gap-2 text-sm">
            <input type="checkbox" name="decode" /> Decode a video for each stream, too
          </label>
        </>
      )}
      <Field label="Batch sizes" help="Such as 1, 4, 8.">
        <Input
          name="batches"
          defaultValue="1"
          required
          pattern="\s*[1-9]\d{0,2}(\s*,\s*[1-9]\d{0,2}){0,7}\s*"
          title="Numbers with commas"
        />
      </Field>
      <WorkerChoice />
      <div>
        <Button type="submit" disabled={!built || benchmark.isPending}>
          Benchmark
        </Button>
      </div>
      {benchmark.error && <ErrorNote error={errorInfo(benchmark.error)} />}
    </form>
  );
}

const batchesOf = (text: string): number[] => [...new Set(text.split(",").map(Number))].sort((a, b) => a - b);
