import { ChildProcess } from "node:child_process";
import { mkdtemp, readFile, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import path from "node:path";
import { shellCommand } from "@octet/testing/shell-command";
import { waitFor } from "@octet/testing/wait-for";
import { pino } from "pino";
import { afterAll, afterEach, beforeAll, expect, it, vi } from "vitest";
import { GpuSampler } from "./gpu-sampler.ts";

const logger = pino({ level: "silent" });
let folder: string;
let sampler: GpuSampler | null = null;
beforeAll(async () => {
  folder = await mkdtemp(path.join(tmpdir(), "octet-smi-"));
});
afterEach(async () => {
  await sampler?.close();
  sampler = null;
});
afterAll(() => rm(folder, { recursive: true }));

const command = (name: string, script: string): Promise<string> => shellCommand(folder, name, script);

it("keeps the newest of each GPU while nvidia-smi goes on, and forgets what is old", async () => {
  let now = 0;
  const script = `echo "$@" > ${folder}/arguments
echo "[N/A], X, 1, 1, 1, 1, 1, 1, 1"
echo "1, B, 1, 1, 1, 1, 1, 1, 1"
echo "0, A, 37, 1024, 23034, 31.52, 44, 72, [N/A]"
echo "1, B, 2, 1, 1, 1, 1, 1, 1"
exec sleep 600`;
  sampler = GpuSampler.start({ logger, command: await command("goes-on", script), now: () => now });
  const running = sampler;
  await waitFor("both", () => running.gpus()[1]?.utilizationPercent === 2);
  expect(running.gpus().map(({ name }) => name)).toEqual(["A", "B"]);
  expect(running.gpus()[0]).toEqual({
    index: 0,
    name: "A",
    utilizationPercent: 37,
    memoryUsedBytes: 2 ** 30,
    memoryTotalBytes: 23034 * 2 ** 20,
    powerWatts: 31.52,
    temperatureCelsius: 44,
    decoderPercent: 72,
    encoderPercent: null,
  });
  expect(await readFile(path.join(folder, "arguments"), "utf8")).toMatch(
    /^--query-gpu=index,.* --format=csv,noheader,nounits --loop-ms=2000\n$/,
  );
  now = 60_000;
  expect(running.gpus()).toEqual([]);
});

it("starts it again where it dies", async () => {
  const script = `echo x >> ${folder}/starts
echo "0, A, $(wc -l < ${folder}/starts), 1, 1, 1, 1, 1, 1"`;
  sampler = GpuSampler.start({ logger, command: await command("dies", script), restartMs: 1 });
  const running = sampler;
  await waitFor("a third start", () => (running.gpus()[0]?.utilizationPercent ?? 0) >= 3);
});

it("sees nothing, once, where there is no driver", async () => {
  const signals = vi.spyOn(ChildProcess.prototype, "kill");
  sampler = GpuSampler.start({ logger, command: path.join(folder, "missing") });
  expect(sampler.gpus()).toEqual([]);
  await sampler.close();
  // There is nothing to send one to: Node would signal any process, this one's group included.
  expect(signals).not.toHaveBeenCalled();
  signals.mockRestore();
  const script = `echo x >> ${folder}/tries
echo "NVIDIA-SMI has failed"
exit 9`;
  sampler = GpuSampler.start({ logger, command: await command("fails", script), restartMs: 1 });
  await waitFor("its end", async () => (await readFile(path.join(folder, "tries"), "utf8")) === "x\n");
  await sampler.close();
  expect(sampler.gpus()).toEqual([]);
  expect(await readFile(path.join(folder, "tries"), "utf8")).toBe("x\n");
});
