import { readFileSync } from "node:fs";
import { availableParallelism, totalmem } from "node:os";
import path from "node:path";

/**
 * Cores that this process may keep busy: those that it may run on (affinity), or fewer where its container has a quota of CPU
 * time, whole ones. Node itself does not look at quotas. For programs on Node.
 */
export function usableCores(): number {
  return Math.max(1, Math.min(availableParallelism(), Math.floor(cpuQuota())));
}

/** Bytes that this process may have: the host's memory, or its container's limit. */
export function usableMemory(): number {
  // 0 where it cannot tell, and more than there is where nothing limits it.
  return Math.min(totalmem(), process.constrainedMemory() || Number.POSITIVE_INFINITY);
}

/**
 * Cores' worth of time that the control groups of this process grant it (Linux, docs.kernel.org: cgroup-v2 `cpu.max`; sched-bwc
 * `cpu.cfs_quota_us`); Infinity without a quota. The least of its own group's and of those above counts.
 * @param root of the file system; for tests
 */
export function cpuQuota(root = "/"): number {
  const read = (...parts: string[]): string | null => {
    try {
      return readFileSync(path.join(root, ...parts), "utf8").trim();
    } catch {
      return null;
    }
  };
  let least = Number.POSITIVE_INFINITY;
  for (const line of read("proc/self/cgroup")?.split("\n") ?? []) {
    // "0::/a/b" is of version 2; "4:cpu,cpuacct:/a/b" of version 1.
    const [, controllers = "", group = "/"] = /^\d+:([^:]*):(.*)$/.exec(line) ?? [];
    if (controllers !== "" && !controllers.split(",").includes("cpu")) continue;
    const mount = path.join("sys/fs/cgroup", controllers);
    // Seen from inside a container the path may be the host's, and the container's own group is the mount itself.
    for (let at = path.posix.normalize(group); ; at = path.posix.dirname(at)) {
      const [quota, period] =
        controllers === ""
          ? (read(mount, at, "cpu.max")?.split(/\s+/) ?? [])
          : [read(mount, at, "cpu.cfs_quota_us"), read(mount, at, "cpu.cfs_period_us")];
      const cores = Number(quota) / Number(period);
      // "max" and -1 are no quota.
      if (cores > 0) least = Math.min(least, cores);
      if (at === "/" || at === ".") break;
    }
  }
  return least;
}
