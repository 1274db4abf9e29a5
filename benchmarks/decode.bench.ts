// Decoding speed of a camera source, in frames per CPU second, against `ffmpeg -threads 1 … -f null -` on the same
// file. The source does what it does for a camera (demux, decode, count, keep the group of pictures, sample for
// detection), in a media thread. Rounds are interleaved; the ratio is the median of the rounds' ratios.
//
//   npm run bench -- decode [--rounds N] [--pixels N: million pixels a run] [--reconnects N: soak instead, reopens and watches memory]
import { execFile } from "node:child_process";
import { copyFileSync, existsSync, mkdtempSync, readdirSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import path from "node:path";
import { fileURLToPath } from "node:url";
import { parseArgs, promisify } from "node:util";
import { ensureDemoClips } from "@octet/demo/clips";
import { RtspServer } from "@octet/demo/rtsp-server";
import { MediaHost } from "@octet/media/media-host";
import { probeStream } from "@octet/media/probe-stream";
import { SourceRecorder } from "@octet/media/source-recorder";
import type { SourceOptions } from "@octet/media/source-types";
import { median } from "@octet/precision/bench/statistics";
import { bareDecode } from "./bare-decode.ts";
import { writeResult } from "./report.ts";

const { values } = parseArgs({
  options: { rounds: { type: "string", default: "5" }, pixels: { type: "string", default: "600" }, reconnects: { type: "string" } },
});
const run = promisify(execFile);
const say = (text: string) => process.stdout.write(`${text}\n`);
const folder = mkdtempSync(path.join(tmpdir(), "octet-decode-"));

interface Run {
  frames: number;
  wallSeconds: number;
  cpuSeconds: number;
}

const base: Omit<SourceOptions, "url"> = {
  id: "bench",
  transport: "tcp",
  // Decoding is what is measured: hardly a frame is scaled.
  detectFps: 0.1,
  target: { width: 640, height: 640, resize: "letterbox", padValue: 114, channels: "rgb" },
  hardware: false,
};

async function ours(host: MediaHost, file: string): Promise<Run> {
  const recorder = new SourceRecorder();
  const cpu = process.cpuUsage();
  const startedAt = performance.now();
  recorder.handle = host.open({ ...base, url: `file:${file}`, realtime: false }, recorder);
  await recorder.until("the file was decoded", () => recorder.state === "ended", 120_000);
  const used = process.cpuUsage(cpu);
  return {
    frames: recorder.counters?.decoded ?? 0,
    wallSeconds: (performance.now() - startedAt) / 1000,
    cpuSeconds: (used.user + used.system) / 1e6,
  };
}

async function ffmpeg(file: string): Promise<Run> {
  const { stderr } = await run("ffmpeg", [
    "-nostdin",
    "-hide_banner",
    "-benchmark",
    "-threads",
    "1",
    "-i",
    path.join(folder, file),
    "-an",
    "-f",
    "null",
    "-",
  ]);
  const figure = (pattern: RegExp) => Number([...stderr.matchAll(pattern)].at(-1)?.[1] ?? Number.NaN);
  // Its own figures: they leave out the start of the process.
  return {
    frames: figure(/frame=\s*(\d+)/g),
    wallSeconds: figure(/rtime=([\d.]+)s/g),
    cpuSeconds: figure(/utime=([\d.]+)s/g) + figure(/stime=([\d.]+)s/g),
  };
}

async function hasFfmpeg(): Promise<boolean> {
  return run("ffmpeg", ["-version"]).then(
    () => true,
    () => false,
  );
}

/** The clips of the test data where they are, else the demo's own. */
async function clips(): Promise<string[]> {
  const shared = path.join(process.env.OCTET_TESTDATA ?? fileURLToPath(new URL("../../shared", import.meta.url)), "videos");
  if (existsSync(shared)) return readdirSync(shared).flatMap((name) => (name.endsWith(".mp4") ? [path.join(shared, name)] : []));
  say(`No test data at ${shared}: measuring on the demo's clips`);
  return (await ensureDemoClips(path.join(folder, "demo"))).map((clip) => clip.path);
}

/** A copy that is long enough to measure, about as much work whatever its size; needs ffmpeg, without it the clip is taken as it is. */
async function lengthen(clip: string, tool: boolean): Promise<string> {
  const name = path.basename(clip);
  if (!tool) copyFileSync(clip, path.join(folder, name));
  else {
    const { width, height } = await probeStream({ url: clip, transport: "tcp", mediaRoot: path.dirname(clip) });
    const frames = Math.round((Number(values.pixels) * 1e6) / (width * height));
    const source = ["-stream_loop", "-1", "-i", clip, "-frames:v", String(frames), "-map", "0:v:0", "-c", "copy"];
    await run("ffmpeg", ["-nostdin", "-v", "error", "-y", ...source, path.join(folder, name)]);
  }
  return name;
}

const perSecond = (one: Run) => one.frames / one.cpuSeconds;
const round = (value: number, digits = 3) => Number(value.toFixed(digits));

async function measure(host: MediaHost, name: string, tool: boolean) {
  const peer = () => (tool ? ffmpeg(name) : bareDecode(path.join(folder, name)));
  await ours(host, name);
  await peer();
  const runs = [];
  for (let i = 0; i < Number(values.rounds); i++) {
    // Alternately first, so that a slow spell of the host hits both.
    const first = i % 2 === 0 ? await ours(host, name) : null;
    const theirs = await peer();
    const mine = first ?? (await ours(host, name));
    runs.push({
      ours: round(perSecond(mine), 1),
      peer: round(perSecond(theirs), 1),
      ratio: round(perSecond(mine) / perSecond(theirs)),
      wallRatio: round(mine.frames / mine.wallSeconds / (theirs.frames / theirs.wallSeconds)),
      frames: [mine.frames, theirs.frames],
    });
  }
  const result = {
    clip: name,
    ours_fps: round(median(runs.map((one) => one.ours)), 1),
    peer_fps: round(median(runs.map((one) => one.peer)), 1),
    ratio: round(median(runs.map((one) => one.ratio))),
    wall_ratio: round(median(runs.map((one) => one.wallRatio))),
    runs,
  };
  say(
    `${name.padEnd(34)} ours ${result.ours_fps}  peer ${result.peer_fps} frames per CPU second  ratio ${result.ratio} (wall clock ${result.wall_ratio})`,
  );
  return result;
}

/** Opens an RTSP camera again and again; memory must come to rest. */
async function soak(host: MediaHost, count: number): Promise<void> {
  const [clip] = await ensureDemoClips(path.join(folder, "demo"));
  await using server = await RtspServer.start({ streams: [{ name: "cam", file: clip!.path }] });
  for (let i = 0; i <= count; i++) {
    const recorder = new SourceRecorder();
    const handle = host.open({ ...base, url: server.url("cam") }, recorder);
    await recorder.until("a frame came", () => recorder.frames.length > 0);
    await handle.close();
    if (i % Math.max(1, Math.floor(count / 10)) === 0)
      say(`${String(i).padStart(6)} reopenings: ${Math.round(process.memoryUsage.rss() / 2 ** 20)} MB`);
  }
}

try {
  await using host = await MediaHost.create({ threads: 1, mediaRoot: folder });
  if (values.reconnects) await soak(host, Number(values.reconnects));
  else {
    const tool = await hasFfmpeg();
    if (!tool) say("There is no ffmpeg here: comparing with a bare decoding loop in this process");
    const results = [];
    for (const clip of await clips()) results.push(await measure(host, await lengthen(clip, tool), tool));
    const ratio = round(median(results.map((one) => one.ratio)));
    say(
      `Median ratio ${ratio}, written to ${writeResult("decode", { peer: tool ? "ffmpeg -threads 1 -f null" : "bare node-av loop", unit: "frames per CPU second", ratio, results })}`,
    );
  }
} finally {
  rmSync(folder, { recursive: true, force: true });
}
