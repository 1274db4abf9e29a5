"use client";
import type { Detection } from "@octet/shared/domain/detection";
import type { LiveFrame } from "@octet/shared/protocol/live-frame";
import type { VideoChunk } from "@octet/shared/protocol/worker-protocol";
import { useCallback, useEffect, useRef, useState } from "react";
import { Boxes } from "./boxes";
import { LivePicture } from "./live-picture";
import { useFrames, useVideo } from "./use-live";
import { VideoPlayer } from "./video-player";

const NO_PACKETS_MS = 8000;

/** Full-rate picture of a camera; where this browser cannot decode it, the inferred frames as JPEG. */
export function LiveVideo({ cameraId }: { cameraId: string }) {
  const canvas = useRef<HTMLCanvasElement>(null);
  const player = useRef<VideoPlayer | null>(null);
  const [fallback, setFallback] = useState<string | null>(null);
  const [boxes, setBoxes] = useState<readonly Detection[]>([]);
  const [size, setSize] = useState<{ width: number; height: number } | null>(null);
  const last = useRef<readonly Detection[]>([]);

  useEffect(() => {
    if (!VideoPlayer.supported()) {
      setFallback("this browser has no WebCodecs (it needs https or localhost)");
      return;
    }
    if (!canvas.current || fallback) return;
    const made = new VideoPlayer(
      canvas.current,
      (next) => {
        if (next === last.current || (next.length === 0 && last.current.length === 0)) return;
        last.current = next;
        setBoxes(next);
      },
      (reason) => setFallback(`this browser cannot decode the stream: ${reason}`),
    );
    player.current = made;
    const timer = setTimeout(() => {
      if (made.frames === 0) setFallback("the stream has no packets that could be passed on");
    }, NO_PACKETS_MS);
    return () => {
      clearTimeout(timer);
      made.close();
    };
  }, [fallback]);

  const onFrame = useCallback((frame: LiveFrame) => {
    player.current?.addBoxes(frame);
    setSize((before) =>
      before?.width === frame.width && before.height === frame.height ? before : { width: frame.width, height: frame.height },
    );
  }, []);
  const onChunk = useCallback((chunk: VideoChunk) => player.current?.addChunk(chunk), []);
  useFrames(cameraId, !fallback, false, onFrame);
  useVideo(cameraId, !fallback, onChunk);

  return (
    <div className="relative aspect-video w-full overflow-hidden rounded-lg bg-[#0b0f0d]">
      <canvas
        ref={canvas}
        data-testid="live-canvas"
        data-mode={fallback ? "preview" : "video"}
        data-frames="0"
        className="absolute inset-0 size-full object-contain"
      />
      {fallback ? <LivePicture cameraId={cameraId} /> : size && <Boxes detections={boxes} width={size.width} height={size.height} />}
      {fallback && (
        <p className="absolute right-2 bottom-2 left-2 rounded bg-black/70 px-2 py-1 text-xs text-[#e6ece8]">
          Showing inferred frames only: {fallback}.
        </p>
      )}
    </div>
  );
}
