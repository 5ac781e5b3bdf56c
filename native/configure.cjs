// What binding.gyp asks about this machine: `node native/configure.cjs QUESTION` prints the answer.
const { spawnSync } = require("node:child_process");
const { existsSync, mkdtempSync, rmSync } = require("node:fs");
const { tmpdir } = require("node:os");
const { join } = require("node:path");

const questions = { purpose, openmp, "prebuild-name": prebuildName };

/**
 * `addon`, or `nothing` where a prebuilt binary serves and nobody asked for a build: some package managers run node-gyp for
 * every package with a binding.gyp, and no installation may fail for want of a compiler.
 */
function purpose() {
  const prebuild = join(__dirname, "..", "prebuilds", prebuildName(), "mnist_native.node");
  return process.env.MNIST_NATIVE_BUILD || !existsSync(prebuild) ? "addon" : "nothing";
}

/** The same as prebuildName of src/backend/native.ts. */
function prebuildName() {
  const name = `${process.platform}-${process.arch}`;
  const isMusl = process.platform === "linux" && !process.report.getReport().header.glibcVersionRuntime;
  return isMusl ? `${name}-musl` : name;
}

/**
 * On Linux: `yes` where the compiler can build with OpenMP. On macOS: the folder of libomp, which Apple's compiler does not
 * bring along. Otherwise, and elsewhere, `no`: the addon is then built to run on one thread.
 */
function openmp() {
  if (process.env.MNIST_NATIVE_OPENMP === "0") return "no";
  if (process.platform === "darwin") {
    const folders = ["/opt/homebrew/opt/libomp", "/usr/local/opt/libomp"];
    return folders.find((folder) => existsSync(join(folder, "lib", "libomp.a"))) ?? "no";
  }
  return process.platform === "linux" && compilesWithOpenMp() ? "yes" : "no";
}

function compilesWithOpenMp() {
  const folder = mkdtempSync(join(tmpdir(), "mnist-native-openmp-"));
  const flags = `-fopenmp -fPIC -shared -x c++ - -o ${join(folder, "probe.so")}`.split(" ");
  const input = "#include <omp.h>\nint threads() { return omp_get_max_threads(); }\n";
  const [compiler, ...own] = (process.env.CXX || "g++").split(" ");
  const { status } = spawnSync(compiler, [...own, ...flags], { input });
  rmSync(folder, { recursive: true });
  return status === 0;
}

console.log(questions[process.argv[2]]());
