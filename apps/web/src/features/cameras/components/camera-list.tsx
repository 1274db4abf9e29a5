"use client";
import { useMutation, useQuery } from "@tanstack/react-query";
import { Pencil, Plus, Trash2 } from "lucide-react";
import { Confirm } from "@/components/ui/confirm";
import { Button, buttonClass, Card, Chip, Skeleton } from "@/components/ui/controls";
import { ErrorNote } from "@/components/ui/error-note";
import { useGradual } from "@/components/ui/gradual";
import { Link } from "@/components/ui/link";
import { PageHeader } from "@/components/ui/page-header";
import { useCameraStatus, useWorkerStatuses } from "@/features/live/use-live";
import { count } from "@/lib/format";
import { errorInfo, useTRPC } from "@/lib/trpc";
import { useCameraFilter } from "./camera-filter";
import { CsvTools } from "./csv-tools";
import { type ListedCamera, StateDot, stateOf, waitsFor } from "./state";

/** Drawn at a time. */
const ROWS = 100;

function Row({ camera }: { camera: ListedCamera }) {
  const trpc = useTRPC();
  const status = useCameraStatus(camera.id) ?? (camera.enabled ? camera.status : null);
  const worker = useWorkerStatuses().find((candidate) => candidate.id === camera.workerId);
  const update = useMutation(trpc.cameras.update.mutationOptions());
  const remove = useMutation(trpc.cameras.remove.mutationOptions());
  const stream = status?.stream;
  const reason = (camera.enabled && status?.reason) || waitsFor(camera, status);
  return (
    <tr className="grid grid-cols-[minmax(0,1fr)_auto] gap-x-3 gap-y-1 border-t border-line p-3 md:table-row md:p-0 md:[&>td]:px-3 md:[&>td]:py-2.5">
      <td className="min-w-0">
        <Link href={`/cameras/${camera.id}`} className="font-medium hover:text-accent">
          {camera.name}
        </Link>
        <p className="truncate font-mono md:max-w-56 text-xs text-muted">{camera.url}</p>
      </td>
      <td className="order-last col-span-2 md:order-none">
        <StateDot state={stateOf(camera, status)} label />
        {reason && (
          <p className="truncate text-xs text-bad md:max-w-64 xl:max-w-80" title={reason.message}>
            {reason.message}
          </p>
        )}
      </td>
      <td className="hidden font-mono text-xs text-muted md:table-cell">
        {stream ? `${stream.codec} ${stream.width}×${stream.height}` : "–"}
      </td>
      <td className="hidden text-right font-mono text-xs text-muted md:table-cell">
        {status ? status.detectFps.toFixed(1) : "–"} / {camera.detectFps}
      </td>
      <td className="hidden text-xs text-muted lg:table-cell">{worker?.name ?? "–"}</td>
      <td className="hidden lg:table-cell">
        <span className="flex flex-wrap gap-1">
          {camera.tags.map((tag) => (
            <Chip key={tag}>{tag}</Chip>
          ))}
        </span>
      </td>
      <td>
        <span className="flex items-center justify-end gap-1">
          <input
            type="checkbox"
            role="switch"
            aria-checked={camera.enabled}
            aria-label={`${camera.name} switched on`}
            checked={camera.enabled}
            disabled={update.isPending}
            onChange={(event) => update.mutate({ id: camera.id, patch: { enabled: event.target.checked } })}
            className="mr-2 size-4 cursor-pointer accent-(--accent)"
          />
          <Link href={`/cameras/${camera.id}/edit`} className={buttonClass("ghost", "px-2")} aria-label={`Edit ${camera.name}`}>
            <Pencil className="size-4" />
          </Link>
          <Confirm
            trigger={
              <Button kind="ghost" className="px-2" aria-label={`Delete ${camera.name}`}>
                <Trash2 className="size-4" />
              </Button>
            }
            title={`Delete ${camera.name}?`}
            text="It disappears from the wall. Its detections stay until they are older than what is kept."
            action="Delete"
            onConfirm={() => remove.mutate({ id: camera.id })}
          />
        </span>
      </td>
    </tr>
  );
}

export function CameraList() {
  const trpc = useTRPC();
  const { data, error, isPending } = useQuery(trpc.cameras.list.queryOptions());
  const { found, fields } = useCameraFilter(data ?? []);
  const { drawn, end } = useGradual(found, ROWS);
  return (
    <>
      <PageHeader title="Cameras" note={data && `${data.filter((camera) => camera.enabled).length} of ${data.length} switched on`}>
        <CsvTools />
        <Link href="/cameras/new" className={buttonClass("primary")}>
          <Plus className="size-4" /> Add camera
        </Link>
      </PageHeader>
      {error && <ErrorNote error={errorInfo(error)} />}
      {isPending && <Skeleton className="h-48" />}
      {data?.length === 0 && <Card className="p-12 text-center text-muted">No cameras yet.</Card>}
      {data && data.length > 0 && (
        <div className="mb-4 flex flex-wrap items-center gap-2">
          {fields}
          {found.length < data.length && <p className="text-xs text-muted">{count(found.length)} found</p>}
        </div>
      )}
      {data && data.length > 0 && (
        <Card className="overflow-x-auto">
          <table className="block w-full md:table">
            <thead className="hidden text-left text-xs text-muted md:table-header-group [&_th]:px-3 [&_th]:py-2 [&_th]:font-medium">
              <tr>
                <th>Camera</th>
                <th>State</th>
                <th>Stream</th>
                <th className="text-right">Det/s</th>
                <th className="hidden lg:table-cell">Worker</th>
                <th className="hidden lg:table-cell">Tags</th>
                <th>
                  <span className="sr-only">Actions</span>
                </th>
              </tr>
            </thead>
            <tbody className="block md:table-row-group">
              {drawn.map((camera) => (
                <Row key={camera.id} camera={camera} />
              ))}
            </tbody>
          </table>
          {found.length === 0 && <p className="p-6 text-center text-sm text-muted">None of the {data.length} cameras is like that.</p>}
        </Card>
      )}
      {end}
    </>
  );
}
