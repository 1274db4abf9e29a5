import path from "node:path";
import { MediaHost } from "@octet/media/media-host";
import { SourceRecorder } from "@octet/media/source-recorder";

export interface DecodeSpeed {
  decoders: number;
  /** Of all decoders together. */
  framesPerSecond: number;
  /** What really decoded and scaled: hardware that is absent falls back, and says so here. */
  decoder: string;
  scaler: string;
  cpuSecondsPerThousandFrames: number;
}

/** Decodes a clip as fast as it goes in so many decoders at once, one frame in five scaled to 640×640, as cameras do. */
export async function decodeSpeed(
  clip: string,
  decoders: number,
  { threads, hardware, inPool = false }: { threads: number; hardware: boolean; inPool?: boolean },
): Promise<DecodeSpeed> {
  const media = await MediaHost.create({
    threads: Math.min(threads, decoders),
    mediaRoot: path.dirname(clip),
    gpus: hardware ? [0] : [],
    decodeInPool: inPool,
  });
  try {
    const cpu = process.cpuUsage();
    const startedAt = performance.now();
    const recorders = Array.from({ length: decoders }, (_, index) => {
      const recorder = new SourceRecorder();
      recorder.handle = media.open(
        {
          id: `decode-${index}`,
          url: `file:${path.basename(clip)}`,
          transport: "tcp",
          detectFps: 5,
          target: { width: 640, height: 640, resize: "letterbox", padValue: 114, channels: "rgb" },
          realtime: false,
          hardware,
        },
        {
          onFrame: (frame) => {
            recorder.handle!.release(frame.seq);
            recorder.handle!.recycle(frame.data);
          },
          onState: (state) => recorder.onState(state),
          onCounters: (counters) => recorder.onCounters(counters),
        },
      );
      return recorder;
    });
    await Promise.all(recorders.map((recorder) => recorder.until("a clip was decoded", () => recorder.state === "ended", 600_000)));
    const seconds = (performance.now() - startedAt) / 1000;
    const { user, system } = process.cpuUsage(cpu);
    const frames = recorders.reduce((sum, { counters }) => sum + (counters?.decoded ?? 0), 0);
    const streams = recorders.flatMap(({ states }) => states.flatMap(({ stream }) => stream ?? []));
    const last = streams.at(-1);
    return {
      decoders,
      framesPerSecond: frames / seconds,
      decoder: last?.decoder ?? "none",
      scaler: last?.scaler ?? "cpu",
      cpuSecondsPerThousandFrames: (user + system) / 1e3 / Math.max(1, frames),
    };
  } finally {
    await media.close();
  }
}
