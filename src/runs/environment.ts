import { arch, cpus, platform } from "node:os";
import { loadAddon, measurePeak } from "../backend/addon.js";
import type { Backend, DType } from "../backend/backend.js";
import { fingerprint } from "../data/fingerprint.js";
import type { OpenData } from "../data/open-data.js";
import type { TableColumns } from "../data/readers/table-columns.js";
import { exampleCount, isStream } from "../data/stream.js";
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
  /** How many processes trained together, where it was more than one; each has so many threads. */
  readonly ranks?: number | undefined;
  /** What they spoke to each other by, such as `Open MPI 4.1.4`. */
  readonly communicator?: string | undefined;
}

/** What the data of a run turned out to be, as environment.json keeps it under `data`. */
export interface RunData {
  /** `undefined` where values are to be learned. */
  readonly classes: number | undefined;
  /** `undefined` of a table. */
  readonly imageShape: readonly [height: number, width: number] | undefined;
  /** `undefined` where classes have numbers only. */
  readonly classNames: readonly string[] | undefined;
  /** Of a table: what the network has to know of its columns. */
  readonly columns: TableColumns | undefined;
  /** Tells these data from others; `undefined` where they are too large for memory. */
  readonly fingerprint: string | undefined;
  readonly examples: { readonly train: number; readonly validation: number; readonly test: number };
}

/** Describes the data of a run. */
export function describeData({ parts, columns }: Pick<OpenData, "parts" | "columns">): RunData {
  const { train, validation, test } = parts;
  const { features, targets } = train;
  const isClasses = targets.kind === "classes";
  return {
    classes: isClasses ? targets.classes : undefined,
    imageShape: features.kind === "bytes" ? features.imageShape : undefined,
    classNames: isClasses ? targets.classNames : undefined,
    columns,
    fingerprint: isStream(train) ? undefined : fingerprint(train),
    examples: {
      train: exampleCount(train),
      validation: exampleCount(validation),
      test: exampleCount(test),
    },
  };
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
