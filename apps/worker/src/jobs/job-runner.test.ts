import { randomUUID } from "node:crypto";
import { existsSync, mkdirSync, mkdtempSync, readdirSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import path from "node:path";
import type { JobKind, JobOutcome, JobRun } from "@octet/shared/domain/job";
import { waitFor } from "@octet/testing/wait-for";
import { pino } from "pino";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { JobRunner, type RunListener } from "./job-runner.ts";

const model = { name: "m", sha256: "a".repeat(64), sizeBytes: 1 };
const inspectPayload = { model, stated: { licence: "", origin: "", notes: "" } };
const validatePayload = { subject: model, reference: model, dataset: { sha256: "b".repeat(64), sizeBytes: 1 } };
const done: JobOutcome = { state: "done", result: { found: 1 } };

/** Runs that end when the test says. */
class FakeRuns {
  readonly begun: {
    kind: JobKind;
    payload: unknown;
    folder: string;
    listener: RunListener;
    end(outcome: JobOutcome): void;
    cancelled: boolean;
  }[] = [];
  readonly start = (kind: JobKind, payload: unknown, folder: string, listener: RunListener) => {
    mkdirSync(folder, { recursive: true });
    let end: (outcome: JobOutcome) => void = () => {};
    const ended = new Promise<JobOutcome>((resolve) => {
      end = resolve;
    });
    const run = { kind, payload, folder, listener, end, cancelled: false };
    this.begun.push(run);
    const cancel = () => {
      run.cancelled = true;
      end({ state: "failed", error: { code: "INTERNAL", message: "killed" } });
    };
    return { ended, cancel };
  };
}

class FakeGateway {
  connected = true;
  refuses = false;
  readonly progress: (JobRun & { progress: { percent: number }; log: string[] })[] = [];
  readonly taken: (JobRun & { outcome: JobOutcome })[] = [];
  tries = 0;
  sendJobProgress(payload: (typeof this.progress)[number]): void {
    this.progress.push(payload);
  }
  async endJob(payload: (typeof this.taken)[number]): Promise<void> {
    this.tries++;
    if (this.refuses) throw new Error("no database");
    this.taken.push({ ...payload });
  }
}

let folder: string;
let runs: FakeRuns;
let gateway: FakeGateway;
const runners: JobRunner[] = [];
const newRunner = (): JobRunner => {
  const runner = new JobRunner({ folder, start: runs.start, link: gateway, logger: pino({ level: "silent" }), reportMs: 5, retryMs: 2 });
  runners.push(runner);
  return runner;
};
const stored = (): string[] => readdirSync(folder).filter((name) => name.endsWith(".json"));

beforeEach(() => {
  folder = mkdtempSync(path.join(tmpdir(), "octet-jobs-"));
  runs = new FakeRuns();
  gateway = new FakeGateway();
});
afterEach(async () => {
  await Promise.all(runners.splice(0).map((runner) => runner.close()));
  rmSync(folder, { recursive: true, force: true });
});

describe("JobRunner", () => {
  it("runs a job once, reports it, and keeps its outcome until it is taken", async () => {
    const runner = newRunner();
    const run = { jobId: randomUUID(), attempt: 1 };
    expect(await runner.start(run, "inspect", inspectPayload)).toBe(1);
    expect(await runner.start(run, "inspect", inspectPayload)).toBe(1);
    expect(runs.begun).toHaveLength(1);
    expect(runner.runs()).toEqual([run]);
    const { listener, end, folder: work } = runs.begun[0]!;
    listener.onLog("a line");
    listener.onProgress({ stage: "reading", percent: 40, ratePerSecond: null, secondsLeft: null });
    await waitFor("a report", () => gateway.progress.at(-1)?.progress.percent === 40);
    expect(gateway.progress.flatMap(({ log }) => log)).toEqual(["a line"]);

    gateway.refuses = true;
    end(done);
    await waitFor("some tries", () => gateway.tries > 2);
    expect(stored()).toEqual([`${run.jobId}-1.json`]);
    expect(runner.runs()).toEqual([run]);
    expect(existsSync(work)).toBe(false);
    // The order comes again because the gateway never heard the end: the work is not done again.
    await runner.start(run, "inspect", inspectPayload);
    expect(runs.begun).toHaveLength(1);

    gateway.refuses = false;
    await waitFor("it to be taken", () => stored().length === 0);
    expect(gateway.taken).toEqual([{ ...run, outcome: done }]);
    expect(runner.runs()).toEqual([]);
  });

  it("keeps an outcome over a restart of the worker, and forgets what a dead process was at", async () => {
    gateway.connected = false;
    const before = newRunner();
    const [ended, cut] = [1, 2].map((attempt) => ({ jobId: randomUUID(), attempt }));
    await before.start(ended!, "inspect", inspectPayload);
    await before.start(cut!, "collect", { cameraIds: [randomUUID()], everySeconds: 1, forSeconds: 10, maxImages: 5 });
    runs.begun[0]!.end(done);
    await waitFor("the outcome to be written", () => stored().length === 1);
    await before.close();
    expect(runs.begun[1]!.cancelled).toBe(true);
    mkdirSync(path.join(folder, "work", "left-over"), { recursive: true });
    writeFileSync(path.join(folder, "damaged-1.json"), "{");

    const after = newRunner();
    expect(after.runs()).toEqual([ended]);
    expect(existsSync(path.join(folder, "work"))).toBe(false);
    gateway.connected = true;
    await after.deliver();
    expect(gateway.taken).toEqual([{ ...ended, outcome: done }]);
    expect(after.runs()).toEqual([]);
  });

  it("says that a result is more than can be sent, and does not offer it for ever", async () => {
    const runner = newRunner();
    await runner.start({ jobId: "00000000-0000-4000-8000-000000000009", attempt: 1 }, "inspect", inspectPayload);
    runs.begun[0]!.end({ state: "done", result: { text: "x".repeat(33 << 20) } });
    await waitFor("the outcome", () => gateway.taken.length === 1);
    expect(gateway.taken[0]!.outcome).toMatchObject({
      state: "failed",
      error: { code: "BAD_INPUT", message: expect.stringContaining("34 MiB") },
    });
    expect(stored()).toEqual([]);
  });

  it("cancels a run, and says so whatever its process said; what it does not know, it does not know", async () => {
    const runner = newRunner();
    const run = { jobId: randomUUID(), attempt: 3 };
    await runner.start(run, "validate", validatePayload);
    expect(runner.cancel({ ...run, attempt: 2 })).toBe(false);
    expect(runner.cancel(run)).toBe(true);
    await waitFor("the outcome", () => gateway.taken.length === 1);
    expect(gateway.taken[0]).toEqual({ ...run, outcome: { state: "cancelled" } });
    expect(runner.cancel(run)).toBe(false);
  });

  it("lets a newer attempt take the place of an older one, and not the other way round", async () => {
    const runner = newRunner();
    const jobId = randomUUID();
    await runner.start({ jobId, attempt: 1 }, "validate", validatePayload);
    await runner.start({ jobId, attempt: 2 }, "validate", validatePayload);
    expect(runs.begun.map(({ cancelled }) => cancelled)).toEqual([true, false]);
    await expect(runner.start({ jobId, attempt: 1 }, "validate", validatePayload)).rejects.toMatchObject({ code: "CONFLICT" });
  });

  it("takes one heavy job at a time and light ones beside it, and refuses a payload that is none", async () => {
    const runner = newRunner();
    await runner.start({ jobId: randomUUID(), attempt: 1 }, "validate", validatePayload);
    await expect(runner.start({ jobId: randomUUID(), attempt: 1 }, "validate", validatePayload)).rejects.toMatchObject({
      code: "CONFLICT",
    });
    expect(await runner.start({ jobId: randomUUID(), attempt: 1 }, "inspect", inspectPayload)).toBe(2);
    await expect(runner.start({ jobId: randomUUID(), attempt: 1 }, "inspect", { model: 1 })).rejects.toMatchObject({ code: "BAD_INPUT" });
    expect(runs.begun[0]!.payload).toMatchObject({ threshold: 0.5, pseudoLabels: false });
  });
});
