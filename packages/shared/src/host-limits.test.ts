import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { availableParallelism, tmpdir, totalmem } from "node:os";
import path from "node:path";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { cpuQuota, usableCores, usableMemory } from "./host-limits.ts";

let root: string;
beforeEach(() => {
  root = mkdtempSync(path.join(tmpdir(), "octet-limits-"));
});
afterEach(() => rmSync(root, { recursive: true }));

const files = (contents: Record<string, string>): void => {
  for (const [name, text] of Object.entries(contents)) {
    mkdirSync(path.dirname(path.join(root, name)), { recursive: true });
    writeFileSync(path.join(root, name), `${text}\n`);
  }
};

describe("cpuQuota", () => {
  it("takes the least of a group's quota and of those above it (version 2)", () => {
    files({
      "proc/self/cgroup": "0::/pod/worker",
      "sys/fs/cgroup/pod/worker/cpu.max": "max 100000",
      "sys/fs/cgroup/pod/cpu.max": "250000 100000",
      "sys/fs/cgroup/cpu.max": "400000 100000",
    });
    expect(cpuQuota(root)).toBe(2.5);
  });

  it("finds a container's own quota where its path is the host's (version 1)", () => {
    files({
      "proc/self/cgroup": "5:memory:/docker/abc\n4:cpu,cpuacct:/docker/abc\n0::/",
      "sys/fs/cgroup/cpu,cpuacct/cpu.cfs_quota_us": "150000",
      "sys/fs/cgroup/cpu,cpuacct/cpu.cfs_period_us": "50000",
    });
    expect(cpuQuota(root)).toBe(3);
  });

  it("finds none where there is none, or no such files", () => {
    expect(cpuQuota(root)).toBe(Number.POSITIVE_INFINITY);
    files({
      "proc/self/cgroup": "4:cpu:/\n0::/a",
      "sys/fs/cgroup/cpu/cpu.cfs_quota_us": "-1",
      "sys/fs/cgroup/cpu/cpu.cfs_period_us": "100000",
      "sys/fs/cgroup/a/cpu.max": "max 100000",
    });
    expect(cpuQuota(root)).toBe(Number.POSITIVE_INFINITY);
  });
});

it("never says more than the host has", () => {
  expect(usableCores()).toBeGreaterThanOrEqual(1);
  expect(usableCores()).toBeLessThanOrEqual(availableParallelism());
  expect(usableMemory()).toBeGreaterThan(0);
  expect(usableMemory()).toBeLessThanOrEqual(totalmem());
});
