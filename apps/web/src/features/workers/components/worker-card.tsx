"use client";
import { useMutation, useQueryClient } from "@tanstack/react-query";
import type { inferRouterOutputs } from "@trpc/server";
import { Button, Card, Chip } from "@/components/ui/controls";
import { ErrorNote } from "@/components/ui/error-note";
import { OpenAlarms } from "@/features/alarms/components/open-alarms";
import { useWorkerStatuses } from "@/features/live/use-live";
import { cn } from "@/lib/cn";
import { ago, bytes, count, percent } from "@/lib/format";
import { errorInfo, useTRPC } from "@/lib/trpc";
import type { AppRouter } from "@/server/root";
import { GpuMeters } from "./gpu-meters";
import { IfLost } from "./if-lost";
import { InferenceNote } from "./inference-note";
import { Meter } from "./meter";

type ListedWorker = inferRouterOutputs<AppRouter>["workers"]["list"][number];

function Abilities({ title, items }: { title: string; items: ListedWorker["host"]["decoders"] }) {
  return (
    <div>
      <h3 className="mb-1.5 text-xs text-muted">{title}</h3>
      <ul className="flex flex-wrap gap-1.5">
        {items.map(({ name, available, detail }) => (
          <li key={name}>
            <Chip title={detail} className={available ? "text-ink" : "line-through opacity-60"}>
              {name}
            </Chip>
          </li>
        ))}
      </ul>
    </div>
  );
}

/** Empties a worker before it is ended or mended, fills it again, or forgets one that is gone for good. */
function WorkerActions({ worker, online }: { worker: ListedWorker; online: boolean }) {
  const trpc = useTRPC();
  const client = useQueryClient();
  const done = { meta: { inline: true }, onSuccess: () => client.invalidateQueries(trpc.workers.list.queryFilter()) };
  const drain = useMutation(trpc.workers.drain.mutationOptions(done));
  const remove = useMutation(trpc.workers.remove.mutationOptions(done));
  const failure = drain.error ?? remove.error;
  return (
    <>
      <div className="flex flex-wrap items-center gap-2">
        <Button disabled={drain.isPending} onClick={() => drain.mutate({ id: worker.id, draining: !worker.draining })}>
          {worker.draining ? "Let it take cameras" : "Drain"}
        </Button>
        {!online && (
          <Button disabled={remove.isPending} onClick={() => remove.mutate({ id: worker.id })}>
            Forget
          </Button>
        )}
        <p className="text-xs text-muted">
          {worker.draining
            ? "Its cameras go to others as soon as they run there; one that no other may run stays."
            : "Gives its cameras away without a gap."}
        </p>
      </div>
      {failure && <ErrorNote error={errorInfo(failure)} />}
    </>
  );
}

export function WorkerCard({ worker }: { worker: ListedWorker }) {
  const live = useWorkerStatuses().find((candidate) => candidate.id === worker.id);
  const load = live?.load ?? worker.load;
  const online = live?.online ?? worker.online;
  const committed = live?.committed ?? worker.committed;
  const { host, model } = worker;
  return (
    <Card className="grid min-w-0 grid-cols-1 content-start gap-5 p-5">
      <header className="flex items-center gap-3">
        <span className={cn("size-2 rounded-full", online ? "bg-ok" : "bg-muted")} />
        <div className="mr-auto min-w-0">
          <h2 className="truncate font-medium">{worker.name}</h2>
          <p className="truncate text-xs text-muted">
            {host.cpuModel} · {host.cpuCores} cores · {bytes(host.memoryBytes)} · {host.platform}-{host.arch}
          </p>
        </div>
        <p className="text-right text-xs text-muted" suppressHydrationWarning>
          {online ? "online" : `left ${ago(new Date(worker.lastSeenAt).getTime())}`}
          <br />v{worker.version}
        </p>
      </header>
      <OpenAlarms subjectId={worker.id} />
      {load && online && (
        <div className="grid gap-x-6 gap-y-3 sm:grid-cols-2">
          <Meter
            label="CPU"
            value={`${Math.round(load.cpuPercent)} % of ${host.cpuCores * 100}`}
            share={load.cpuPercent / (host.cpuCores * 100)}
          />
          <Meter label="Inference threads" value={percent(load.inferBusy)} share={load.inferBusy} />
          <Meter label="Memory" value={bytes(load.rssBytes)} share={load.rssBytes / host.memoryBytes} />
          <Meter
            label="Spool"
            value={`${count(load.spool.records)} waiting${load.spool.lostRecords > 0 ? `, ${count(load.spool.lostRecords)} lost` : ""}`}
            share={load.spool.bytes / load.spool.maxBytes}
          />
          {load.gpus?.map((gpu) => (
            <GpuMeters key={gpu.index} gpu={gpu} />
          ))}
          {committed !== null && (
            <div className="sm:col-span-2">
              <Meter
                label="Asked for by its cameras, of what it can do"
                value={`${percent(committed)}${load.capacity.detectionsPerSecond ? ` of ${load.capacity.detectionsPerSecond.toFixed(0)} detections/s` : ""}`}
                share={committed}
              />
            </div>
          )}
          <p className="text-xs text-muted sm:col-span-2">
            <span className="font-mono text-ink">{load.cameras}</span> {load.cameras === 1 ? "camera" : "cameras"} ·{" "}
            <span className="font-mono text-ink">{Math.round(load.decodedPerSecond)}</span> frames decoded/s ·{" "}
            <span className="font-mono text-ink">{load.inferredPerSecond.toFixed(1)}</span> inferred/s ·{" "}
            <span className="font-mono text-ink">{load.queued}</span> waiting
          </p>
        </div>
      )}
      <ul className="flex flex-wrap gap-1.5" aria-label="Labels">
        {worker.draining && (
          <li>
            <Chip className="text-warn">draining</Chip>
          </li>
        )}
        {worker.labels.map((label) => (
          <li key={label}>
            <Chip className="font-mono">{label}</Chip>
          </li>
        ))}
      </ul>
      <WorkerActions worker={worker} online={online} />
      {online && <IfLost workerId={worker.id} />}
      <div className="grid gap-4 sm:grid-cols-2">
        <Abilities title="Decoders" items={host.decoders} />
        <Abilities title="Execution providers" items={host.providers} />
        {host.gpus.length > 0 && (
          <p className="text-xs sm:col-span-2">
            {host.gpus.map((gpu) => `${gpu.name}, ${bytes(gpu.memoryBytes)}, driver ${gpu.driver}`).join(" · ")}
          </p>
        )}
        {host.inference && <InferenceNote inference={host.inference} />}
      </div>
      <div className="border-t border-line pt-4 text-xs">
        <h3 className="mb-1 text-muted">Model</h3>
        <p className="font-medium">{model.name}</p>
        <p className="text-muted">
          {model.family} · {model.precision.toUpperCase()} · {model.inputWidth}×{model.inputHeight} · {bytes(model.sizeBytes)} · sha256{" "}
          <span className="font-mono">{model.id.slice(0, 12)}</span>
        </p>
        <p className="mt-2">
          <span className="font-medium">Licence: {model.licence.name}.</span> <span className="text-muted">{model.licence.note}</span>
        </p>
        <p className="text-muted">Origin: {model.licence.origin}</p>
      </div>
    </Card>
  );
}
