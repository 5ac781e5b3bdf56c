import { copyFileSync, cpSync, mkdirSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { describe, expect, it } from "vitest";
import { mpiAddonPath } from "../../src/communicator/mpi-addon.js";
import type { Environment } from "../cli/harness.js";
import { type Mpi, mpis, runRanks } from "../support/mpi.js";
import { temporaryFolder } from "../support/temporary-folder.js";

const root = fileURLToPath(new URL("../../", import.meta.url));

/** Starts two ranks of a package in which the addon for an MPI is a file of another kind, or none. */
async function runWith(
  mpi: Mpi,
  write: (addon: string) => void,
  command?: (program: string) => readonly string[],
  environment: Environment = {},
) {
  const folder = temporaryFolder();
  for (const name of ["package.json", "dist/errors.js", "dist/communicator", "dist/system"])
    cpSync(join(root, name), join(folder, name), { recursive: true });
  const addon = join(folder, "build-mpi", mpi.family, "mnist_native_mpi.node");
  mkdirSync(dirname(addon), { recursive: true });
  write(addon);
  const program = join(folder, "program.mjs");
  writeFileSync(
    program,
    `import { createCommunicator } from "./dist/communicator/create-communicator.js";
    try {
      const { name, rank, size } = await createCommunicator();
      console.log(\`rank \${rank} of \${size}: \${name}\`);
    } catch (error) {
      console.log(\`\${error.name}: \${error.message}\`, process.env.UCX_MEM_MMAP_HOOK_MODE ?? "");
    }`,
  );
  const { stdout, stderr } = await runRanks(mpi, 2, command?.(program) ?? [process.execPath, program], {
    environment,
  });
  return { lines: stdout.trim().split(/\r?\n/), stderr, addon };
}

describe.each(mpis)("under $name", (mpi) => {
  const other = mpis.find(({ family }) => family !== mpi.family);

  it("each rank is told what to do where there is no addon", async () => {
    const { lines, addon } = await runWith(mpi, () => {});
    const sentence = `CommunicatorError: This process is one of 2 that were started by ${mpi.name}, for which training together takes an addon, but it has not been built (there is no ${addon}); run npx mnist-native build --mpi, with --mpicxx PATH where this machine has several MPIs.`;
    expect(lines.map((line) => line.trim())).toEqual([sentence, sentence]);
  });

  it("each rank is told what to do where the addon cannot be loaded", async () => {
    const { lines, addon } = await runWith(mpi, (file) => writeFileSync(file, "no addon"));
    expect(lines).toHaveLength(2);
    for (const line of lines) {
      expect(line).toMatch(
        /^CommunicatorError: .* but \/.* cannot be loaded: .*; run npx mnist-native build --mpi/,
      );
      expect(line).toContain(addon);
    }
  });

  it.runIf(other !== undefined)("each rank is told where the addon is the other MPI's", async () => {
    const from = other === undefined ? undefined : mpiAddonPath(other.family);
    const { lines } = await runWith(mpi, (file) => copyFileSync(from ?? "", file));
    const ours = lines.filter((line) => line.startsWith("CommunicatorError"));
    expect(ours).toHaveLength(2);
    for (const line of ours) {
      expect(line).toMatch(
        new RegExp(
          `2 processes were started together, but ${other?.name} [\\d.]+, .*, sees 1; .* build --mpi --mpicxx PATH\\. none$`,
        ),
      );
    }
  });

  it.each([
    ["none", {}],
    ["reloc", { UCX_MEM_MMAP_HOOK_MODE: "reloc" }],
  ])(
    "UCX is told to leave the C library as it is, unless somebody has told it otherwise: %s",
    async (mode, environment) => {
      const { lines } = await runWith(mpi, (file) => writeFileSync(file, "no addon"), undefined, environment);
      expect(lines).toHaveLength(2);
      for (const line of lines) expect(line).toMatch(new RegExp(`^CommunicatorError.* ${mode}$`));
    },
  );

  it("starts behind npx, or says what to type", async () => {
    // As npx does: Node.js starts a shell, which starts Node.js.
    const between = (program: string) => [
      process.execPath,
      "-e",
      `require("node:child_process").spawnSync("sh", ["-c", '"$0" "$1"', process.execPath, ${JSON.stringify(program)}], { stdio: "inherit" })`,
    ];
    const { lines } = await runWith(
      mpi,
      (file) => copyFileSync(mpiAddonPath(mpi.family) ?? "", file),
      between,
    );
    expect(lines).toHaveLength(2);
    for (const line of lines) {
      expect(line).toMatch(
        mpi.family === "openmpi"
          ? /^rank [01] of 2: Open MPI/
          : /^CommunicatorError: MPICH's mpirun cannot be reached/,
      );
    }
  });
});
