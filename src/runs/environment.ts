import { arch, cpus, platform } from "node:os";
import { loadAddon, measurePeak } from "../backend/addon.js";
import type { Backend, DType } from "../backend/backend.js";
import { cpuLimits } from "../system/machine.js";

/** The machine that a run is made on, as environment.json keeps it. */
export interface RunEnvironment {
  /** Of this package. */
  readonly version: string;
  readonly backend: string;
  readonly kernelSet: string;
  readonly threads: number;
  /** The processor's own name for itself. */
  readonly processor: string;
  /** Logical processors that the process may use. */
  readonly processors: number;
  /** Such as `linux-x64`. */
  readonly platform: string;
  /** Version of Node.js, with its `v`. */
  readonly node: string;
  /** The most that the backend's instructions and threads can do here, 1e9 operations a second; `null` where that is not measured. */
  readonly peakGflops: number | null;
}

/** Describes this machine. Measuring its peak, which only the addon can, takes about 50 ms. */
export function describeEnvironment(backend: Backend, dtype: DType, version: string): RunEnvironment {
  const { addon } = backend.name === "native" ? loadAddon() : { addon: null };
  const { name, kernelSet, threads } = backend;
  return {
    version,
    backend: name,
    kernelSet,
    threads,
    processor: cpus()[0]?.model.trim() ?? "unknown",
    processors: cpuLimits().affinity,
    platform: `${platform()}-${arch()}`,
    node: process.version,
    peakGflops: addon === null ? null : measurePeak(addon, dtype, backend.threads) / 1e9,
  };
}
