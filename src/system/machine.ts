import { readFileSync } from "node:fs";
import { availableParallelism, cpus } from "node:os";
import { basename } from "node:path";

/** How much of the machine's processors this process may use. */
export interface CpuLimits {
  /** Logical processors of the machine. */
  readonly processors: number;
  /** Those that the process's affinity allows. */
  readonly affinity: number;
  /** Processor time that its control groups allow, in CPUs; `null` without a limit, and off Linux. */
  readonly quota: number | null;
}

export function cpuLimits(): CpuLimits {
  const processors = cpus().length;
  return { processors, affinity: affinity() ?? availableParallelism(), quota: cpuQuota() };
}

/** The limits in words, as `info` and `doctor` say them. */
export function cpuWords({ processors, affinity, quota }: CpuLimits): string {
  const limit = quota === null ? "no limit of CPU time" : `a limit of ${quota} by control group`;
  return `${processors} in the machine, ${affinity} by affinity, ${limit}`;
}

/** Linux: the CPUs of `Cpus_allowed_list`, such as `0-3,8`. */
function affinity(): number | undefined {
  const list = readText("/proc/self/status")?.match(/^Cpus_allowed_list:\s*(\S+)$/m)?.[1];
  return list?.split(",").reduce((sum, range) => {
    const [first = 0, last = first] = range.split("-").map(Number);
    return sum + last - first + 1;
  }, 0);
}

/**
 * The least CPU limit of this process's control groups and those around them: what `cpu_limit` of native/parallel.h computes,
 * told to people.
 *
 * @param root The root of the file system.
 */
export function cpuQuota(root = ""): number | null {
  const limits = (readText(`${root}/proc/self/cgroup`) ?? "").split("\n").flatMap((line) => {
    const [, controllers, path] = line.match(/^\d+:([^:]*):(.*)$/) ?? [];
    if (controllers === undefined || path === undefined) return [];
    const isVersion2 = controllers === "";
    if (!isVersion2 && !controllers.split(",").includes("cpu")) return [];
    const mount = `${root}/sys/fs/cgroup${isVersion2 ? "" : `/${controllers}`}`;
    const parts = path === "/" ? [""] : path.split("/");
    const groups = parts.map((_, index) => mount + parts.slice(0, index + 1).join("/"));
    return groups.map((group) => groupLimit(group, isVersion2));
  });
  const least = Math.min(...limits);
  return Number.isFinite(least) ? least : null;
}

/** Version 2 has "quota period" or "max period" in cpu.max; version 1 has two files, and a quota of -1 for none. */
function groupLimit(group: string, isVersion2: boolean): number {
  const texts = isVersion2
    ? (readText(`${group}/cpu.max`)?.trim().split(" ") ?? [])
    : [readText(`${group}/cpu.cfs_quota_us`), readText(`${group}/cpu.cfs_period_us`)];
  const [quota = Number.NaN, period = Number.NaN] = texts.map(Number);
  return quota > 0 && period > 0 ? quota / period : Number.POSITIVE_INFINITY;
}

/** A file of the kernel; `undefined` on systems that do not have it. */
function readText(path: string): string | undefined {
  try {
    return readFileSync(path, "utf8");
  } catch (error) {
    const { code = "" } = error as NodeJS.ErrnoException;
    if (["ENOENT", "ENOTDIR", "EACCES", "EOPNOTSUPP"].includes(code)) return undefined;
    throw error;
  }
}

/** Where the OpenMP library is that this process has loaded; `undefined` for none, or one that is part of the addon. */
export function openMpLibrary(): string | undefined {
  const { sharedObjects = [] } = process.report.getReport() as { readonly sharedObjects?: readonly string[] };
  return sharedObjects.find((path) => /^(lib(gomp|i?omp)|vcomp)/.test(basename(path)));
}
