"use client";
import type { CameraStatus } from "@octet/shared/domain/camera";
import type { Job } from "@octet/shared/domain/job";
import type { LiveFrame } from "@octet/shared/protocol/live-frame";
import type { VideoChunk } from "@octet/shared/protocol/worker-protocol";
import { useQueryClient } from "@tanstack/react-query";
import { type RefObject, useEffect, useState, useSyncExternalStore } from "react";
import { useTRPC } from "@/lib/trpc";
import { live, type WorkerStatus } from "./live-client";

const subscribe = (listener: () => void): (() => void) => {
  live.connect();
  return live.state.add(listener);
};
const noWorkers: readonly WorkerStatus[] = [];

export const useConnected = (): boolean =>
  useSyncExternalStore(
    subscribe,
    () => live.connected,
    () => false,
  );
export const useWorkerStatuses = (): readonly WorkerStatus[] =>
  useSyncExternalStore(
    subscribe,
    () => live.workers,
    () => noWorkers,
  );
export const useCameraStatus = (id: string): CameraStatus | null =>
  useSyncExternalStore(
    subscribe,
    () => live.statuses.get(id) ?? null,
    () => null,
  );

/** A job as it was read, or as it was reported since. */
export const useLiveJob = (job: Job): Job =>
  useSyncExternalStore(
    subscribe,
    () => live.jobs.get(job.id) ?? job,
    () => job,
  );

/** True while the element is on screen. */
export function useOnScreen(ref: RefObject<Element | null>): boolean {
  const [visible, setVisible] = useState(false);
  useEffect(() => {
    if (!ref.current) return;
    const observer = new IntersectionObserver(([entry]) => setVisible(entry?.isIntersecting ?? false), { rootMargin: "100px" });
    observer.observe(ref.current);
    return () => observer.disconnect();
  }, [ref]);
  return visible;
}

/** Calls back for each inferred frame of a camera while `active`. */
export function useFrames(cameraId: string, active: boolean, preview: boolean, onFrame: (frame: LiveFrame) => void): void {
  useEffect(() => {
    if (!active) return;
    const release = live.want(preview ? "previews" : "frames", cameraId);
    const remove = live.frames.add((frame) => {
      if (frame.cameraId === cameraId) onFrame(frame);
    });
    return () => {
      release();
      remove();
    };
  }, [cameraId, active, preview, onFrame]);
}

export function useVideo(cameraId: string, active: boolean, onChunk: (chunk: VideoChunk) => void): void {
  useEffect(() => {
    if (!active) return;
    const remove = live.videos.add((chunk) => {
      if (chunk.cameraId === cameraId) onChunk(chunk);
    });
    const release = live.want("videos", cameraId);
    return () => {
      release();
      remove();
    };
  }, [cameraId, active, onChunk]);
}

/** Has lists read again when the database changed, and jobs follow what they report. Mounted once. */
export function useLiveInvalidation(): void {
  const trpc = useTRPC();
  const queryClient = useQueryClient();
  useEffect(() => {
    live.connect();
    const removeChanged = live.changed.add((topic) => {
      // A topic is the name of its router: its queries' keys begin with it.
      void queryClient.invalidateQueries({ queryKey: [[topic]] });
      if (topic === "workers") void queryClient.invalidateQueries({ queryKey: trpc.jobs.pathKey() });
      if (topic === "models" || topic === "profiles") void queryClient.invalidateQueries({ queryKey: trpc.planner.pathKey() });
    });
    const removeJobs = live.jobEvents.add(({ news }) => {
      // Progress shows by itself (useLiveJob); lists are read again where a job is new, began or ended.
      if (news) void queryClient.invalidateQueries({ queryKey: trpc.jobs.pathKey() });
    });
    return () => {
      removeChanged();
      removeJobs();
    };
  }, [trpc, queryClient]);
}
