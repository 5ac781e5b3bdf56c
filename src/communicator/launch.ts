/** The two families of MPI, each of which has an addon of its own: MPICH's has Intel MPI, MVAPICH and others, which share its interface. */
export const MPI_FAMILIES = ["openmpi", "mpich"] as const;
export type MpiFamily = (typeof MPI_FAMILIES)[number];

export const FAMILY_NAMES: Readonly<Record<MpiFamily, string>> = { openmpi: "Open MPI", mpich: "MPICH" };

/** How this process was started as one of several. */
export interface Launch {
  /** What may have started it, the likeliest first: Slurm's srun speaks to either. */
  readonly families: readonly MpiFamily[];
  /** How many processes were started, as the launcher says it; `undefined` where it does not. */
  readonly size: number | undefined;
}

/**
 * What mpirun, mpiexec or srun tells a process that it starts by its environment; `undefined` for a process that was started alone.
 * Nothing else is asked, so that a training without MPI pays nothing for it.
 */
export function findLaunch(environment: NodeJS.ProcessEnv = process.env): Launch | undefined {
  const { OMPI_COMM_WORLD_SIZE, PMI_RANK, PMI_ID, PMI_SIZE, PMIX_RANK, SLURM_STEP_NUM_TASKS } = environment;
  if (OMPI_COMM_WORLD_SIZE !== undefined) {
    return { families: ["openmpi"], size: readSize(OMPI_COMM_WORLD_SIZE) };
  }
  // srun sets SLURM_STEP_NUM_TASKS; with --mpi=pmi2 also PMI_RANK, with --mpi=pmix PMIX_RANK.
  const bySrun = SLURM_STEP_NUM_TASKS !== undefined;
  const hasPmi = PMI_RANK !== undefined || PMI_ID !== undefined;
  if (hasPmi) {
    const families = bySrun ? (["mpich", "openmpi"] as const) : (["mpich"] as const);
    return { families, size: readSize(PMI_SIZE ?? (bySrun ? SLURM_STEP_NUM_TASKS : undefined)) };
  }
  if (PMIX_RANK !== undefined) {
    return { families: ["openmpi", "mpich"], size: readSize(SLURM_STEP_NUM_TASKS) };
  }
  return undefined;
}

function readSize(text: string | undefined): number | undefined {
  const size = Number(text);
  return Number.isInteger(size) && size > 0 ? size : undefined;
}
