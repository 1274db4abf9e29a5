"use client";
import { useQuery } from "@tanstack/react-query";
import { Pencil } from "lucide-react";
import { buttonClass, Card, Skeleton } from "@/components/ui/controls";
import { ErrorNote } from "@/components/ui/error-note";
import { Link } from "@/components/ui/link";
import { Notice } from "@/components/ui/notice";
import { PageHeader } from "@/components/ui/page-header";
import { OpenAlarms } from "@/features/alarms/components/open-alarms";
import { RecentDetections } from "@/features/detections/components/recent-detections";
import { LiveVideo } from "@/features/live/live-video";
import { useCameraStatus, useWorkerStatuses } from "@/features/live/use-live";
import { count, fps } from "@/lib/format";
import { errorInfo, useTRPC } from "@/lib/trpc";
import { ModelAlarmChip, ModelAlarmNote } from "./model-alarm";
import { StageChart } from "./stage-chart";
import { lowered, StateDot, stateOf, waitsFor } from "./state";

/** Where frames are scaled in the decoder's memory, only small pictures leave it. */
const decoderOf = ({ decoder, scaler }: { decoder: string; scaler?: string | undefined }): string =>
  scaler ? `${decoder}, scales there` : decoder;

export function CameraView({ id }: { id: string }) {
  const trpc = useTRPC();
  const { data: camera, error } = useQuery(trpc.cameras.get.queryOptions({ id }));
  const liveStatus = useCameraStatus(id);
  const workers = useWorkerStatuses();
  if (error) return <ErrorNote error={errorInfo(error)} />;
  if (!camera) return <Skeleton className="aspect-video" />;
  const status = liveStatus ?? (camera.enabled ? camera.status : null);
  const state = stateOf(camera, status);
  const missing = waitsFor(camera, status);
  const still: [string, string][] = camera.stillFps === null ? [] : [["While nothing moves", fps(camera.stillFps)]];
  const budget: [string, string][] = camera.latencyBudgetMs === null ? [] : [["Latency budget", `${camera.latencyBudgetMs} ms at p99`]];
  const facts: [string, string][] = [
    ["Worker", workers.find((worker) => worker.id === camera.workerId)?.name ?? "–"],
    ["Detects on", camera.substreamUrl ? "sub-stream" : "main stream"],
    ["Stream", status?.stream ? `${status.stream.codec} ${status.stream.width}×${status.stream.height}` : "–"],
    ["Decoder", status?.stream ? decoderOf(status.stream) : "–"],
    ["Stream rate", fps(status?.streamFps)],
    ["Detections", `${fps(status?.detectFps)} of ${camera.detectFps}`],
    ...still,
    ...budget,
    ["Classes", camera.classes.join(", ") || "all"],
    ["Transport", camera.transport.toUpperCase()],
  ];
  const counters = status ? Object.entries(status.counters) : [];
  return (
    <>
      <PageHeader
        title={camera.name}
        note={
          <span className="font-mono">
            {camera.url}
            {camera.substreamUrl && <span className="block">{camera.substreamUrl}</span>}
          </span>
        }
      >
        <StateDot state={state} label />
        {status?.modelAlarm && <ModelAlarmChip alarm={status.modelAlarm} />}
        <Link href={`/cameras/${id}/edit`} className={buttonClass()}>
          <Pencil className="size-4" /> Edit
        </Link>
      </PageHeader>
      <div className="grid gap-5 xl:grid-cols-[minmax(0,1fr)_21rem]">
        <div className="grid min-w-0 content-start gap-4">
          {status?.reason && state === "offline" && <ErrorNote error={status.reason} />}
          {missing && <ErrorNote error={missing} />}
          {status?.modelAlarm && <ModelAlarmNote alarm={status.modelAlarm} />}
          {state === "online" && status && lowered(camera, status) && (
            <Notice>
              The host is at its limit: this camera gets {fps(status.granted ?? 0)} of {camera.detectFps} detections a second, so that boxes
              stay in time. Add a worker, or lower rates.
            </Notice>
          )}
          <OpenAlarms subjectId={id} />
          <LiveVideo key={id} cameraId={id} />
        </div>
        <div className="grid content-start gap-4 sm:grid-cols-2 xl:grid-cols-1">
          <Card className="p-4">
            <h2 className="mb-3 font-medium">Latency by stage</h2>
            <StageChart latency={status?.latency ?? {}} empty="Nothing was inferred in the last minute." />
          </Card>
          <Card className="p-4">
            <h2 className="mb-3 font-medium">Stream</h2>
            <dl className="grid grid-cols-[auto_1fr] gap-x-4 gap-y-1 text-xs [&_dd]:text-right [&_dd]:font-mono [&_dt]:text-muted">
              {facts.map(([name, value]) => (
                <div key={name} className="contents">
                  <dt>{name}</dt>
                  <dd>{value}</dd>
                </div>
              ))}
            </dl>
            {counters.length > 0 && <h2 className="mt-4 mb-3 font-medium">Frames</h2>}
            <dl className="grid grid-cols-[auto_1fr] gap-x-4 gap-y-1 text-xs capitalize [&_dd]:text-right [&_dd]:font-mono [&_dt]:text-muted">
              {counters.map(([name, value]) => (
                <div key={name} className="contents">
                  <dt>{name}</dt>
                  <dd>{count(value)}</dd>
                </div>
              ))}
            </dl>
          </Card>
        </div>
      </div>
      <RecentDetections cameraId={id} />
    </>
  );
}
