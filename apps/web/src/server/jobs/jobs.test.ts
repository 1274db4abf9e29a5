import type { JobKind } from "@octet/shared/domain/job";
import fc from "fast-check";
import { expect, it } from "vitest";
import { canonicalJson, inputHashOf } from "./input-hash.ts";
import { type JobWorker, pickWorker } from "./pick-worker.ts";
import { LOG_LINES, ProgressBuffer } from "./progress-buffer.ts";

const worker = (
  id: string,
  cameras: string[] = [],
  kinds: JobKind[] = ["build", "collect", "inspect"],
  labels: string[] = ["provider=cpu"],
): JobWorker => ({
  id,
  kinds: new Set(kinds),
  cameras: new Set(cameras),
  labels: new Set(labels),
});
const never = () => false;
const build = { kind: "build" as const, payload: { options: { target: "onnxruntime" } } };
const collect = (...cameraIds: string[]) => ({ kind: "collect" as const, payload: { cameraIds } });

it("gives a job to the worker that it disturbs the least, and to none that is busy, refused it or cannot", () => {
  const workers = [worker("a", ["1", "2"]), worker("b", ["3"]), worker("c", [], ["benchmark"])];
  expect(pickWorker(build, workers, new Set(), never)).toBe("b");
  expect(pickWorker(build, workers, new Set(["b"]), never)).toBe("a");
  expect(pickWorker(build, workers, new Set(["b"]), (id) => id === "a")).toBeNull();
  expect(pickWorker(build, [], new Set(), never)).toBeNull();
});

it("builds and proves for TensorRT where that runs, and waits for such a host rather than measure another", () => {
  const kinds: JobKind[] = ["build", "validate", "benchmark"];
  const [cpu, cuda, tensorrt] = (["cpu", "cuda", "tensorrt"] as const).map((name) =>
    worker(name, name === "cpu" ? [] : ["1"], kinds, [`provider=${name}`]),
  ) as [JobWorker, JobWorker, JobWorker];
  const benchmark = (target: string | null) => ({ kind: "benchmark" as const, payload: { target } });
  expect(pickWorker(benchmark("tensorrt"), [cpu, cuda, tensorrt], new Set(), never)).toBe("tensorrt");
  expect(pickWorker(benchmark("tensorrt"), [cpu, cuda], new Set(), never)).toBe("cuda");
  expect(pickWorker(benchmark("tensorrt"), [cpu, cuda], new Set(["cuda"]), never)).toBeNull();
  expect(pickWorker(benchmark("tensorrt"), [cpu], new Set(), never)).toBe("cpu");
  expect(pickWorker({ kind: "build", payload: { options: { target: "tensorrt" } } }, [cpu, tensorrt], new Set(), never)).toBe("tensorrt");
  for (const target of ["onnxruntime", null]) expect(pickWorker(benchmark(target), [cpu, cuda, tensorrt], new Set(), never)).toBe("cpu");
});

it("collects where most of the cameras run, beside other jobs, and waits where none does", () => {
  const workers = [worker("a", ["1"]), worker("b", ["2", "3"])];
  expect(pickWorker(collect("1", "2", "3"), workers, new Set(["b"]), never)).toBe("b");
  expect(pickWorker(collect("1"), workers, new Set(), never)).toBe("a");
  expect(pickWorker(collect("9"), workers, new Set(), never)).toBeNull();
});

it("waits for the worker that a job names, however free others are", () => {
  const workers = [worker("a", ["1"]), worker("b")];
  const job = { ...build, onWorkerId: "a" };
  expect(pickWorker(job, workers, new Set(), never)).toBe("a");
  expect(pickWorker(job, workers, new Set(["a"]), never)).toBeNull();
  expect(pickWorker(job, [worker("b")], new Set(), never)).toBeNull();
  expect(pickWorker({ ...build, onWorkerId: null }, workers, new Set(), never)).toBe("b");
  const benchmark = { kind: "benchmark" as const, payload: { target: "tensorrt" }, onWorkerId: "cpu" };
  const [cpu, cuda] = [worker("cpu", [], ["benchmark"]), worker("cuda", [], ["benchmark"], ["provider=cuda"])];
  expect(pickWorker(benchmark, [cpu, cuda], new Set(), never)).toBe("cpu");
});

it("inspects beside a long job", () => {
  expect(pickWorker({ kind: "inspect", payload: {} }, [worker("a")], new Set(["a"]), never)).toBe("a");
});

it("hashes equal inputs equally, whatever the order of their keys, and others otherwise", () => {
  expect(canonicalJson({ b: [1, { d: null, c: "x" }], a: undefined })).toBe('{"b":[1,{"c":"x","d":null}]}');
  expect(inputHashOf("build", { a: 1, b: 2 })).toBe(inputHashOf("build", { b: 2, a: 1 }));
  expect(inputHashOf("build", { a: 1 })).not.toBe(inputHashOf("validate", { a: 1 }));
  expect(inputHashOf("build", { a: [1, 2] })).not.toBe(inputHashOf("build", { a: [2, 1] }));
  fc.assert(
    fc.property(fc.jsonValue(), (value) => {
      expect(JSON.parse(canonicalJson(value))).toEqual(JSON.parse(JSON.stringify(value)));
    }),
  );
});

const report = (attempt: number, percent: number, ...log: string[]) => ({
  jobId: "j",
  attempt,
  workerId: "w",
  progress: { percent, stage: "s", ratePerSecond: null, secondsLeft: null },
  log,
});

it("keeps of what waits the newest progress and all lines, in order, up to a limit", () => {
  const buffer = new ProgressBuffer();
  buffer.add(report(1, 10, "one"));
  buffer.add(report(1, 20, "two"));
  const [taken] = buffer.take();
  expect(taken).toMatchObject({ progress: { percent: 20 }, log: ["one", "two"] });
  expect(buffer.take()).toEqual([]);
  buffer.add(report(1, 30, "three"));
  buffer.putBack(taken!);
  expect(buffer.take("other")).toEqual([]);
  expect(buffer.take("j")).toMatchObject([{ progress: { percent: 30 }, log: ["one", "two", "three"] }]);
  buffer.add(report(1, 40, ...Array.from({ length: LOG_LINES + 5 }, (_, index) => String(index))));
  expect(buffer.take()[0]!.log).toHaveLength(LOG_LINES);
});

it("lets nothing of an older attempt into a newer one", () => {
  const buffer = new ProgressBuffer();
  buffer.add(report(1, 90, "old"));
  buffer.add(report(2, 5, "new"));
  buffer.add(report(1, 95, "late"));
  expect(buffer.take()).toMatchObject([{ attempt: 2, progress: { percent: 5 }, log: ["new"] }]);
});
