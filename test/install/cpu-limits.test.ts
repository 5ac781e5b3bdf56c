import { execFileSync, spawnSync } from "node:child_process";
import { mkdirSync, mkdtempSync, rmdirSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { describe, expect, it } from "vitest";
import { loadAddon } from "../../src/backend/addon.js";
import { cpuLimits, cpuQuota } from "../../src/system/machine.js";
import { temporaryFolder } from "../support/temporary-folder.js";

const folder = temporaryFolder();
const loaded = loadAddon();

/** Writes a small file system with these files, and returns its root. */
function fileSystem(files: Readonly<Record<string, string>>): string {
  const root = mkdtempSync(join(folder, "root-"));
  for (const [name, text] of Object.entries(files)) {
    mkdirSync(dirname(join(root, name)), { recursive: true });
    writeFileSync(join(root, name), text);
  }
  return root;
}

describe("cpuQuota", () => {
  it("is the least limit of a group of version 2 and those around it", () => {
    const root = fileSystem({
      "proc/self/cgroup": "0::/pod/container\n",
      "sys/fs/cgroup/pod/cpu.max": "150000 100000\n",
      "sys/fs/cgroup/pod/container/cpu.max": "max 100000\n",
    });
    expect(cpuQuota(root)).toBe(1.5);
  });

  it("is found at the root where the path is the host's", () => {
    const root = fileSystem({
      "proc/self/cgroup": "0::/docker/0123\n",
      "sys/fs/cgroup/cpu.max": "50000 100000\n",
    });
    expect(cpuQuota(root)).toBe(0.5);
  });

  it("is that of the cpu controller in version 1", () => {
    const root = fileSystem({
      "proc/self/cgroup": "5:cpuset:/a\n4:cpu,cpuacct:/a:b\n0::/\n",
      "sys/fs/cgroup/cpu,cpuacct/a:b/cpu.cfs_quota_us": "300000\n",
      "sys/fs/cgroup/cpu,cpuacct/a:b/cpu.cfs_period_us": "100000\n",
    });
    expect(cpuQuota(root)).toBe(3);
  });

  it("is null without a limit, and without control groups", () => {
    const unlimited = fileSystem({
      "proc/self/cgroup": "4:cpu:/\n0::/\n",
      "sys/fs/cgroup/cpu/cpu.cfs_quota_us": "-1\n",
      "sys/fs/cgroup/cpu/cpu.cfs_period_us": "100000\n",
    });
    expect(cpuQuota(unlimited)).toBeNull();
    expect(cpuQuota(fileSystem({}))).toBeNull();
  });
});

const group = loaded.addon === null ? { reason: loaded.reason } : limitedGroup();

describe("the default number of threads", () => {
  const skipReason = "reason" in group ? group.reason : undefined;
  const title = "follows the quota of a control group, rounded up";
  const name = skipReason === undefined ? title : `${title} (skipped: ${skipReason})`;

  it.skipIf(skipReason !== undefined || cpuLimits().affinity < 2)(name, () => {
    if ("reason" in group) throw new Error(group.reason);
    const { path } = group;
    expect(threadsWithin(path, 50_000)).toBe(1);
    expect(threadsWithin(path, 100_000)).toBe(1);
    expect(threadsWithin(path, 150_000)).toBe(2);
    rmdirSync(path);
  });
});

/** A new control group of version 1; making one takes root, and a machine that still has version 1. */
function limitedGroup(): { readonly path: string } | { readonly reason: string } {
  try {
    return { path: mkdtempSync("/sys/fs/cgroup/cpu/mnist-native-test-") };
  } catch (error) {
    return { reason: `no control group can be made here: ${(error as Error).message}` };
  }
}

function threadsWithin(path: string, quota: number): number {
  if (loaded.addon === null) throw new Error(loaded.reason);
  writeFileSync(join(path, "cpu.cfs_quota_us"), String(quota));
  const { OMP_NUM_THREADS: _, ...env } = process.env;
  const program = "console.log(require(process.argv[1]).defaultThreads)";
  const command = 'echo $$ > "$1/cgroup.procs" && exec "$2" -e "$3" "$4"';
  const args = ["-c", command, "sh", path, process.execPath, program, loaded.info.path];
  return Number(execFileSync("sh", args, { encoding: "utf8", env }));
}

it.skipIf(process.platform !== "linux" || spawnSync("taskset", ["--version"]).status !== 0)(
  "the affinity is that of taskset (needs Linux and taskset)",
  () => {
    const program = "console.log(require(process.argv[1]).defaultThreads)";
    if (loaded.addon === null) return expect(loaded.reason).not.toBe("");
    const { OMP_NUM_THREADS: _, ...env } = process.env;
    const args = ["-c", "0", process.execPath, "-e", program, loaded.info.path];
    expect(execFileSync("taskset", args, { encoding: "utf8", env }).trim()).toBe("1");
  },
);
