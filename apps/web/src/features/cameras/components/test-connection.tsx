"use client";
import { cameraUrlSchema } from "@octet/shared/domain/camera";
import { useMutation } from "@tanstack/react-query";
import { useEffect, useState } from "react";
import { Button, Card } from "@/components/ui/controls";
import { ErrorNote } from "@/components/ui/error-note";
import { errorInfo, useTRPC } from "@/lib/trpc";

function useSeconds(running: boolean): number {
  const [seconds, setSeconds] = useState(0);
  useEffect(() => {
    if (!running) return;
    setSeconds(0);
    const began = Date.now();
    const timer = setInterval(() => setSeconds(Math.floor((Date.now() - began) / 1000)), 250);
    return () => clearInterval(timer);
  }, [running]);
  return seconds;
}

/** Opens the stream on a worker and shows what is there, or what is wrong. */
export function TestConnection({ url, transport, cameraId }: { url: string; transport: "tcp" | "udp"; cameraId?: string | undefined }) {
  const trpc = useTRPC();
  const test = useMutation(trpc.cameras.test.mutationOptions({ meta: { inline: true } }));
  const seconds = useSeconds(test.isPending);
  const probe = test.data?.probe;
  const usable = cameraUrlSchema.safeParse(url.trim()).success;
  return (
    <Card className="grid content-start gap-3 self-start p-5">
      <h2 className="font-medium">Connection</h2>
      <Button
        onClick={() => test.mutate({ url: url.trim(), transport, ...(cameraId ? { cameraId } : {}) })}
        disabled={!usable || test.isPending}
      >
        {test.isPending ? `Opening … ${seconds} s` : "Test connection"}
      </Button>
      {!probe && !test.error && <p className="text-xs text-muted">A worker opens the stream and says what it finds, within ten seconds.</p>}
      {test.error && !test.isPending && <ErrorNote error={errorInfo(test.error)} />}
      {probe && !test.isPending && (
        <>
          {probe.snapshot && (
            <img
              alt="What the camera sees"
              src={`data:image/jpeg;base64,${probe.snapshot}`}
              className="w-full rounded-md border border-line"
            />
          )}
          <dl className="grid grid-cols-2 gap-x-4 gap-y-1.5 text-xs [&_dd]:text-right [&_dd]:font-mono [&_dt]:text-muted">
            <dt>Codec</dt>
            <dd>{probe.codec}</dd>
            <dt>Resolution</dt>
            <dd>
              {probe.width} × {probe.height}
            </dd>
            <dt>Frame rate</dt>
            <dd>{probe.fps.toFixed(1)} fps</dd>
            <dt>GOP</dt>
            <dd>{probe.gop === null ? "over 3 s" : `${probe.gop} frames`}</dd>
            <dt>Bit rate</dt>
            <dd>{probe.bitrateKbps === null ? "–" : `${probe.bitrateKbps} kbit/s`}</dd>
            <dt>Sound</dt>
            <dd>{probe.hasAudio ? "yes" : "no"}</dd>
            <dt>Opened in</dt>
            <dd>{probe.openMs} ms</dd>
          </dl>
        </>
      )}
    </Card>
  );
}
