import { appendFileSync, mkdtempSync, readdirSync, rmSync } from "node:fs";
import os from "node:os";
import path from "node:path";
import { afterEach, beforeEach, expect, it } from "vitest";
import { Spool } from "./spool.ts";

interface Record {
  n: number;
  bytes: Uint8Array;
}

let folder: string;
beforeEach(() => {
  folder = mkdtempSync(path.join(os.tmpdir(), "octet-spool-"));
});
afterEach(() => rmSync(folder, { recursive: true, force: true }));

const record = (n: number): Record => ({ n, bytes: new Uint8Array(100).fill(n) });
const open = (maxBytes = 1 << 20, segmentBytes = 1000): Spool<Record> => new Spool({ folder, maxBytes, segmentBytes });
const numbers = (spool: Spool<Record>, max = 1000): number[] => spool.peek(max).records.map(({ n }) => n);

it("keeps order and takes nothing away before it is acknowledged", () => {
  const spool = open();
  for (let n = 0; n < 5; n++) spool.append(record(n));
  expect(numbers(spool, 3)).toEqual([0, 1, 2]);
  expect(numbers(spool, 3)).toEqual([0, 1, 2]);
  spool.acknowledge(spool.peek(2).through);
  expect(numbers(spool)).toEqual([2, 3, 4]);
});

it("gives a new process what the last one had not got acknowledged, bytes too", () => {
  const first = open();
  for (let n = 0; n < 50; n++) first.append(record(n));
  first.acknowledge(first.peek(20).through);
  // No close(): the process was killed.
  const second = open();
  const recovered = numbers(second);
  expect(recovered.at(-1)).toBe(49);
  expect(recovered[0]).toBeLessThanOrEqual(20);
  expect(recovered).toEqual([...recovered].sort((a, b) => a - b));
  expect([...(second.peek(1).records[0]?.bytes ?? [])]).toEqual([...record(recovered[0] ?? -1).bytes]);
  second.append(record(50));
  expect(numbers(second).at(-1)).toBe(50);
});

it("deletes files once all their records are acknowledged", () => {
  const spool = open();
  for (let n = 0; n < 50; n++) spool.append(record(n));
  expect(readdirSync(folder).length).toBeGreaterThan(3);
  spool.acknowledge(spool.peek(50).through);
  expect(readdirSync(folder)).toEqual([]);
  expect(spool.stats()).toMatchObject({ records: 0, bytes: 0, lostRecords: 0 });
  spool.append(record(50));
  expect(numbers(spool)).toEqual([50]);
});

it("gives up the oldest when it is full, and says how many", () => {
  const told: number[] = [];
  const spool = new Spool<Record>({ folder, maxBytes: 3000, segmentBytes: 1000, onLost: (lost) => told.push(lost) });
  for (let n = 0; n < 100; n++) spool.append(record(n));
  const kept = numbers(spool);
  expect(kept.at(-1)).toBe(99);
  expect(spool.stats().bytes).toBeLessThanOrEqual(4000);
  expect(spool.stats().lostRecords + kept.length).toBe(100);
  expect(told.reduce((sum, lost) => sum + lost)).toBe(spool.stats().lostRecords);
});

it("ignores a torn tail", () => {
  const spool = new Spool<Record>({ folder, maxBytes: 1 << 20 });
  for (let n = 0; n < 3; n++) spool.append(record(n));
  const [file] = readdirSync(folder);
  appendFileSync(path.join(folder, file ?? ""), Buffer.from([200, 0, 0, 0, 1, 2, 3, 4, 5, 6]));
  expect(numbers(open())).toEqual([0, 1, 2]);
});

it("does not take newer records for safe where those on their way were given up meanwhile", () => {
  const spool = open(3000);
  for (let n = 0; n < 10; n++) spool.append(record(n));
  const { records, through } = spool.peek(5);
  expect(records.map(({ n }) => n)).toEqual([0, 1, 2, 3, 4]);
  for (let n = 10; n < 60; n++) spool.append(record(n));
  const kept = numbers(spool);
  expect(kept[0]).toBeGreaterThan(4);
  spool.acknowledge(through);
  expect(numbers(spool)).toEqual(kept);
});

it("bounds a batch by bytes too, and gives one record even where it is larger", () => {
  const spool = open();
  for (let n = 0; n < 5; n++) spool.append(record(n));
  expect(spool.peek(100, 350).records.length).toBe(2);
  expect(spool.peek(100, 1).records.length).toBe(1);
});
