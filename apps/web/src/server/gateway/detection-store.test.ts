import type { DetectionRecord } from "@octet/shared/domain/detection";
import { AppError } from "@octet/shared/errors";
import { expect, it } from "vitest";
import { DetectionStore } from "./detection-store.ts";

const batch = (...names: string[]): DetectionRecord[] => names.map((frameId) => ({ frameId }) as DetectionRecord);

/** A database that answers when it is told to. */
function slowDatabase() {
  const asked: { names: string[]; answer(error?: Error): void }[] = [];
  const told: number[] = [];
  const store = new DetectionStore(
    (records) =>
      new Promise((resolve, reject) => {
        const result = { stored: records.length, repeated: 0, refused: 0 };
        asked.push({ names: records.map(({ frameId }) => frameId), answer: (error) => (error ? reject(error) : resolve(result)) });
      }),
    ({ stored }) => told.push(stored),
  );
  return { store, asked, told };
}
const settle = () => new Promise((resolve) => setImmediate(resolve));

it("stores what comes while others are stored in one go, and acknowledges each only then", async () => {
  const { store, asked, told } = slowDatabase();
  const done: string[] = [];
  for (const name of ["a", "b", "c", "d", "e"]) void store.store(batch(name)).then(() => done.push(name));
  expect(asked.map(({ names }) => names)).toEqual([["a"], ["b"]]);
  asked[0]?.answer();
  await settle();
  expect(done).toEqual(["a"]);
  expect(asked[2]?.names).toEqual(["c", "d", "e"]);
  asked[2]?.answer();
  await settle();
  expect(done).toEqual(["a", "c", "d", "e"]);
  expect(told).toEqual([1, 3]);
});

it("makes no statement larger than it must", async () => {
  const { store, asked } = slowDatabase();
  const many = (count: number, name: string): DetectionRecord[] => Array.from({ length: count }, () => batch(name)).flat();
  for (const [count, name] of [
    [1, "a"],
    [1, "b"],
    [1500, "c"],
    [500, "d"],
    [1, "e"],
    [9000, "f"],
  ] as const)
    void store.store(many(count, name));
  for (let n = 0; n < asked.length; n++) {
    asked[n]?.answer();
    await settle();
  }
  expect(asked.map(({ names }) => [names.length, new Set(names).size])).toEqual([
    [1, 1],
    [1, 1],
    [2000, 2],
    [1, 1],
    [9000, 1],
  ]);
});

it("keeps one worker's bad records from the others, and tells who could not be stored", async () => {
  const asked: string[] = [];
  const store = new DetectionStore(
    async (records) => {
      asked.push(records.map(({ frameId }) => frameId).join());
      await settle();
      if (records.some(({ frameId }) => frameId === "bad")) throw new Error("invalid byte sequence");
      return { stored: records.length, repeated: 0, refused: 0 };
    },
    () => {},
  );
  const results = await Promise.allSettled(["a", "b", "c", "bad", "d"].map((name) => store.store(batch(name))));
  expect(results.map(({ status }) => status)).toEqual(["fulfilled", "fulfilled", "fulfilled", "rejected", "fulfilled"]);
  expect(asked).toEqual(["a", "b", "c,bad,d", "c", "bad", "d"]);
});

it("asks a database that is away once, and not for each worker", async () => {
  let asked = 0;
  const store = new DetectionStore(
    async () => {
      asked++;
      await settle();
      throw new AppError("DATABASE_UNAVAILABLE", "away");
    },
    () => {},
  );
  const results = await Promise.allSettled(["a", "b", "c", "d", "e"].map((name) => store.store(batch(name))));
  expect(results.every(({ status }) => status === "rejected")).toBe(true);
  expect(asked).toBe(3);
});
