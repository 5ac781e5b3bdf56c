// npm run check:package
//
// Packs the package as it would be published and uses it as a stranger would: installed into an empty folder, without install
// scripts and with no compiler in sight, and run with no data and no network; and, last, compiled from the sources in it. It
// takes dist/ (npm run build), this platform's binary (npm run prebuilds) and a compiler.
import { spawn, spawnSync } from "node:child_process";
import {
  copyFileSync,
  cpSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  realpathSync,
  rmSync,
  statSync,
  symlinkSync,
  writeFileSync,
} from "node:fs";
import { createRequire } from "node:module";
import { tmpdir } from "node:os";
import { basename, delimiter, dirname, join } from "node:path";
import { fileURLToPath } from "node:url";

const LARGEST_TARBALL = 3e6;
const LARGEST_INSTALLATION = 18e6;
const OTHER_NODES = [22, 24];
const root = fileURLToPath(new URL("..", import.meta.url));
const require = createRequire(import.meta.url);
const folder = mkdtempSync(join(tmpdir(), "mnist-native-package-"));
process.on("exit", () => rmSync(folder, { recursive: true, force: true }));

const { prebuildName } = await import("../dist/backend/addon.js");
const prebuild = join("prebuilds", prebuildName(), "mnist_native.node");
if (!existsSync(join(root, prebuild))) fail(`there is no ${prebuild}; run npm run prebuilds first`);

const tarball = pack();
run("publint", process.execPath, [bin("publint", "publint"), "--strict", tarball]);
const attw = bin("@arethetypeswrong/cli", "attw");
run("arethetypeswrong", process.execPath, [attw, tarball, "--profile", "esm-only"]);
const withoutNetwork = findUnshare();
const consumer = install();
const installed = join(consumer.cwd, "node_modules", "mnist-native");
checkNothingRunsAtInstall();
checkOfflineInstall();
checkTraining("native");
await checkLivePage();
checkForms();
for (const major of OTHER_NODES) checkOtherNode(major);
checkSlimImage();
checkTypes();
rmSync(join(installed, "prebuilds"), { recursive: true });
checkTraining("js");
checkBuild();
checkTraining("native");
console.log("The package is sound.");

function pack() {
  const path = run("pack", process.execPath, [join(root, "scripts", "pack.mjs"), folder]).trim();
  const filename = basename(path);
  const { size } = statSync(path);
  const files = run("tar", "tar", ["-tzf", path]).trim().split("\n");
  console.log(`${filename}: ${files.length} files, ${(size / 1e6).toFixed(2)} MB`);
  if (size > LARGEST_TARBALL) fail(`the tarball is above ${LARGEST_TARBALL / 1e6} MB`);
  const names = files.map((file) => file.replace(/^package\//, ""));
  for (const name of [
    "addon.gypi",
    "dist/config.schema.json",
    "dist/sweep.schema.json",
    "dist/live/client/index.html",
    "dist/live/client/LICENSES.md",
    "native/addon.cc",
    "native/configure.cjs",
    prebuild.replaceAll("\\", "/"),
  ]) {
    if (!names.includes(name)) fail(`the tarball lacks ${name}`);
  }
  if (names.includes("binding.gyp")) fail("the tarball holds binding.gyp, which would have npm run node-gyp");
  const strays = names.filter((name) =>
    /^(src|test|scripts|build|node_modules|native\/(test|build))\//.test(name),
  );
  if (strays.length > 0) fail(`the tarball holds ${strays.join(", ")}`);
  return path;
}

/** The command that takes the network from another; empty where that is not permitted. */
function findUnshare() {
  const command = ["/usr/bin/unshare", "-rn"]; // util-linux and BusyBox both have it there
  const { status, error, stderr } = spawnSync(command[0], [command[1], "true"], { encoding: "utf8" });
  if (status === 0) return command;
  console.log(
    `The network stays, and a proxy that does not exist blocks it: ${error?.message ?? stderr.trim()}.`,
  );
  return [];
}

/** Installs the tarball where PATH has Node.js and a shell, and no compiler, make or Python. */
function install() {
  const cwd = join(folder, "consumer");
  const path = join(folder, "bin");
  mkdirSync(cwd);
  mkdirSync(path);
  let PATH = path;
  if (process.platform === "win32") {
    PATH = [dirname(process.execPath), join(process.env.SystemRoot ?? "C:\\Windows", "System32")].join(
      delimiter,
    );
  } else {
    symlinkSync(process.execPath, join(path, "node"));
    for (const tool of ["sh", "env", "uname"])
      symlinkSync(run("which", "which", [tool]).trim(), join(path, tool));
  }
  const inherited = Object.entries(process.env).filter(
    ([name]) => !/^(PATH|MNIST_NATIVE_.*|OMP_.*|npm_.*|CC|CXX|PYTHON|LD_LIBRARY_PATH)$/i.test(name),
  );
  const options = { cwd, env: { ...Object.fromEntries(inherited), PATH } };
  for (const compiler of ["cc", "g++", "make", "python3"]) {
    if (spawnSync(compiler, ["--version"], options).error === undefined) fail(`${compiler} is still in PATH`);
  }
  writeFileSync(
    join(cwd, "package.json"),
    JSON.stringify({ name: "consumer", private: true, type: "module" }),
  );
  npm("npm install", ["install", "--ignore-scripts", "--no-audit", "--no-fund", tarball], options);
  return options;
}

/** npm runs node-gyp for a package with a binding.gyp; from a lock file even where it has `gypfile: false`. */
function checkNothingRunsAtInstall() {
  const { gypfile, scripts = {} } = JSON.parse(readFileSync(join(installed, "package.json"), "utf8"));
  const found = ["preinstall", "install", "postinstall"].filter((name) => name in scripts);
  if (gypfile !== false || found.length > 0) fail("the package runs something when it is installed");
  if ("prepare" in scripts) fail("the package has a script prepare, of which npm warns");
  const lock = JSON.parse(readFileSync(join(consumer.cwd, "package-lock.json"), "utf8"));
  const needy = Object.entries(lock.packages).filter(([, entry]) => entry.hasInstallScript);
  if (needy.length > 0) fail(`these run scripts when installed: ${needy.map(([name]) => name).join(", ")}`);
  const bytes = sizeOf(join(consumer.cwd, "node_modules"));
  console.log(`Installed, with its dependencies: ${(bytes / 1e6).toFixed(1)} MB`);
  if (bytes > LARGEST_INSTALLATION) fail(`it is above ${LARGEST_INSTALLATION / 1e6} MB`);
  // Both with scripts: either would run node-gyp, and fail without Python.
  npm("npm rebuild", ["rebuild"], consumer);
  npm("npm ci", ["ci", "--no-audit", "--no-fund"], consumer);
}

/** Bytes of all files below a folder. */
function sizeOf(path) {
  const entries = readdirSync(path, { recursive: true, withFileTypes: true });
  const files = entries.filter((entry) => entry.isFile());
  return files.reduce((sum, { parentPath, name }) => sum + statSync(join(parentPath, name)).size, 0);
}

/** What the first installation left in npm's cache is enough for another one. */
function checkOfflineInstall() {
  for (const name of ["node_modules", "package-lock.json"])
    rmSync(join(consumer.cwd, name), { recursive: true });
  const args = ["install", "--offline", "--ignore-scripts", "--no-audit", "--no-fund", tarball];
  npm("npm install --offline", args, consumer, withoutNetwork);
  console.log("It installs offline, from npm's cache.");
}

/** The first command of README.md: it finds no data and no network, says so, and trains on what it draws. */
function checkTraining(backend) {
  const command = ["--no", "--", "mnist-native", "train", "--epochs", "2", "--json"];
  const { stdout, stderr } = call(
    "npx mnist-native train",
    process.execPath,
    [npmFile("npx-cli.js"), ...command],
    freshMachine(),
    withoutNetwork,
  );
  const { config, summary } = JSON.parse(stdout);
  if (summary.backend !== backend)
    fail(`expected training on ${backend}, but it ran on ${summary.backend}: ${stderr}`);
  const isAnnounced = stderr.includes("runs on its slower TypeScript backend, because");
  if (isAnnounced !== (backend === "js"))
    fail(`the fallback was ${isAnnounced ? "" : "not "}announced: ${stderr}`);
  if (config.dataset !== "synthetic" || !/^MNIST cannot be had, so this run uses digits drawn/m.test(stderr))
    fail(`expected training on drawn digits, said aloud, but it was on ${config.dataset}: ${stderr}`);
  console.log(`Training: ${backend} (${summary.kernelSet}), test accuracy ${summary.testAccuracy}`);
}

/** A network leaves in every form and comes back, and TensorBoard's files are written. */
function checkForms() {
  const cli = join(installed, "dist", "cli", "main.js");
  const machine = freshMachine();
  const command = (...args) => run(`mnist-native ${args[0]}`, process.execPath, [cli, ...args], machine);
  command("train", "--dataset", "synthetic", "--epochs", "1", "--out", "runs/a", "--tensorboard", "board");
  const model = join("runs", "a", "model.safetensors");
  for (const form of ["onnx", "npz", "pytorch", "csv", "javascript"]) command("export", model, "--to", form);
  for (const form of ["onnx", "npz"]) command("import", join("runs", "a", `model.${form}`), "-o", form);
  console.log("Networks are exported and imported, and TensorBoard's files are written.");
}

/** The live page is served, and a run is started from it and comes to its end. */
async function checkLivePage() {
  const cli = join(installed, "dist", "cli", "main.js");
  const { cwd, env } = freshMachine();
  const server = spawn(process.execPath, [cli, "serve", "--port", "0"], {
    cwd,
    env: { ...env, MNIST_NATIVE_OFFLINE: "1" },
  });
  const ended = new Promise((resolve) => server.once("exit", resolve));
  try {
    const address = await addressOf(server);
    const ask = async (path, options) => {
      const response = await fetch(new URL(path, address), options);
      if (!response.ok)
        fail(`the live page answers ${path} with ${response.status}: ${await response.text()}`);
      return response;
    };
    const page = await (await ask(".")).text();
    for (const [, file] of page.matchAll(/(?:src|href)="(\.\/assets\/[^"]+)"/g)) await ask(file);
    const { starting } = await (await ask("api/overview")).json();
    const headers = { "content-type": "application/json", origin: new URL(address).origin };
    const body = JSON.stringify({ ...starting.presets[0].settings, dataset: "synthetic", epochs: 1 });
    const { id } = await (await ask("api/runs", { method: "POST", headers, body })).json();
    for (;;) {
      const { run } = await (await ask(`api/runs/${id}`)).json();
      if (run.state === "failed") fail(`the run that the live page started failed: ${run.reason}`);
      if (run.state === "finished" && run.testAccuracy !== null) {
        console.log(`The live page trained a network: test accuracy ${run.testAccuracy}`);
        break;
      }
      await new Promise((resolve) => setTimeout(resolve, 200));
    }
  } finally {
    server.kill("SIGINT");
  }
  await ended; // By Ctrl-C with 0, or the check has failed.
}

/** What a server prints of where it is. */
function addressOf(server) {
  let output = "";
  return new Promise((resolve) => {
    const read = (chunk) => {
      output += chunk;
      const [address] = /http:\/\/\S+\//.exec(output) ?? [];
      if (address !== undefined) resolve(address);
    };
    server.stdout.on("data", read);
    server.stderr.on("data", read);
    server.once("exit", (status) => {
      if (status !== 0) fail(`serve ended with ${status}: ${output}`);
    });
  });
}

/** The packaged sources are compiled, and do without OpenMP, as where the compiler has none. */
function checkBuild() {
  const cli = join(installed, "dist", "cli", "main.js");
  // Not optimised, which takes a quarter of the time; the binary in the package was.
  const CXXFLAGS = [process.env.CXXFLAGS ?? "", "-O0"].join(" ").trim();
  const env = { ...process.env, MNIST_NATIVE_OPENMP: "0", CXXFLAGS };
  run("mnist-native build", process.execPath, [cli, "build"], { cwd: consumer.cwd, env });
  const info = run("mnist-native info", process.execPath, [cli, "info"], consumer);
  if (!/^Threads: +1 \(the addon was built without OpenMP\)$/m.test(info))
    fail(`expected an addon without OpenMP: ${info}`);
  console.log("It compiles from the packaged sources, here without OpenMP.");
}

/** The consumer with an empty home, and without a network or at least without a proxy that leads to it. */
function freshMachine() {
  const home = mkdtempSync(join(folder, "home-"));
  const homes = { HOME: home, USERPROFILE: home, LOCALAPPDATA: home, XDG_CACHE_HOME: home, KERAS_HOME: home };
  const proxy = { http_proxy: "http://proxy.invalid:8080", https_proxy: "http://proxy.invalid:8080" };
  return { cwd: consumer.cwd, env: { ...consumer.env, ...homes, ...(withoutNetwork.length === 0 && proxy) } };
}

/**
 * Linux: in a file system that holds Node.js, the libraries that it needs itself, and the installed package; so neither a shell nor
 * libgomp, /proc or /etc.
 */
function checkSlimImage() {
  if (process.platform !== "linux" || withoutNetwork.length === 0) {
    console.log("A slim image is not tried: it takes Linux and unshare.");
    return;
  }
  const image = join(folder, "image");
  const node = realpathSync(process.execPath);
  const libraries = run("ldd", "ldd", [node]).matchAll(/(?:=> |^\s*)(\/\S+) \(0x/gm);
  for (const file of [node, ...Array.from(libraries, ([, path]) => path)]) {
    mkdirSync(join(image, dirname(file)), { recursive: true });
    copyFileSync(file, join(image, file));
  }
  cpSync(join(consumer.cwd, "node_modules"), join(image, "node_modules"), { recursive: true });
  const cli = "/node_modules/mnist-native/dist/cli/main.js";
  const chroot = ["/usr/sbin/chroot", "/usr/bin/chroot"].find((path) => existsSync(path));
  const args = [image, node, cli, "train", "--epochs", "2", "--json"];
  const { summary } = JSON.parse(
    run("training in a slim image", chroot, args, { env: { HOME: "/" } }, withoutNetwork),
  );
  if (summary.backend !== "native") fail(`in a slim image training ran on ${summary.backend}`);
  console.log(`Slim image: ${summary.backend}, test accuracy ${summary.testAccuracy}`);
}

/** The same binary under another release of Node.js, where npm has it as a package for this platform. */
function checkOtherNode(major) {
  const name = `node-${process.platform}-${process.arch}`;
  const path = join(folder, `node-${major}`);
  mkdirSync(path);
  writeFileSync(join(path, "package.json"), JSON.stringify({ name: "other-node", private: true }));
  const args = [
    npmFile("npm-cli.js"),
    "install",
    "--ignore-scripts",
    "--no-audit",
    "--no-fund",
    `${name}@${major}`,
  ];
  const { status, stderr } = spawnSync(process.execPath, args, { cwd: path, encoding: "utf8" });
  if (status !== 0) {
    console.log(
      `Node.js ${major} is skipped: npm does not install ${name} (${stderr.trim().split("\n")[0]}).`,
    );
    return;
  }
  const node = join(path, "node_modules", name, "bin", process.platform === "win32" ? "node.exe" : "node");
  const cli = join(installed, "dist", "cli", "main.js");
  const train = [cli, "train", "--dataset", "synthetic", "--epochs", "2", "--json"];
  const { summary } = JSON.parse(run(`training on Node.js ${major}`, node, train, consumer));
  if (summary.backend !== "native") fail(`on Node.js ${major} training ran on ${summary.backend}`);
  console.log(
    `Node.js ${run("node", node, ["--version"]).trim()}: ${summary.backend}, test accuracy ${summary.testAccuracy}`,
  );
}

/** A program in TypeScript that uses the package's declarations, under strict and without skipLibCheck. */
function checkTypes() {
  const program = `import { fit, type History, loadMnist, MultilayerPerceptron } from "mnist-native";
import { exportOnnx, tensorBoard } from "mnist-native/interchange";
import { liveView } from "mnist-native/live";
import { lossFigure, readRun } from "mnist-native/report";
import { sweep } from "mnist-native/sweeps";

const { train, validation } = await loadMnist({ directory: "data" });
const network: MultilayerPerceptron = new MultilayerPerceptron({ layers: [784, 50, 10], seed: 1 });
const history: History = await fit(network, train, { epochs: 1, batchSize: 100, learningRate: 0.1, validation, callbacks: [liveView(), tensorBoard("board")] });
export const onnx: Uint8Array = exportOnnx(network, { input: "bytes" });
// @ts-expect-error: layers are numbers
new MultilayerPerceptron({ layers: ["784"], seed: 1 });
export const dtype: string = network.dtype;
export const figure: string = lossFigure((await readRun("run")).epochs, { theme: "light" });
// @ts-expect-error: there is no such theme
lossFigure([], { theme: "blue" });
const { best } = await sweep({ space: { x: { values: [1, 2] }, name: { values: ["a"] } }, objective: ({ settings }) => settings.x });
export const x: number | undefined = best?.settings.x;
// @ts-expect-error: a text is no number
export const wrong: number | undefined = best?.settings.name;
export { history };
`;
  writeFileSync(join(consumer.cwd, "program.ts"), program);
  symlinkSync(join(root, "node_modules", "@types"), join(consumer.cwd, "node_modules", "@types"), "junction");
  const tsc = bin("typescript", "tsc");
  const flags =
    "--ignoreConfig --strict --exactOptionalPropertyTypes --noEmit --module nodenext --target es2023 --types node";
  run("tsc", process.execPath, [tsc, ...flags.split(" "), "program.ts"], { cwd: consumer.cwd });
  console.log("A consumer in TypeScript compiles under strict.");
}

/** The program file of a development dependency. */
function bin(name, command) {
  const manifest = join(root, "node_modules", name, "package.json");
  return join(dirname(manifest), require(manifest).bin[command]);
}

function npm(what, args, options, prefix) {
  return run(what, process.execPath, [npmFile("npm-cli.js"), ...args], options, prefix);
}

/** npm's programs lie beside the one that runs this script, else beside Node.js. */
function npmFile(name) {
  const node = dirname(process.execPath);
  const folders = [
    ...(process.env.npm_execpath ? [dirname(process.env.npm_execpath)] : []),
    join(node, "..", "lib", "node_modules", "npm", "bin"),
    join(node, "node_modules", "npm", "bin"),
  ];
  return (
    folders.map((path) => join(path, name)).find((path) => existsSync(path)) ?? fail(`there is no ${name}`)
  );
}

/** Runs a program, and gives what it wrote to standard output. */
function run(...args) {
  return call(...args).stdout;
}

/** Runs a program that has to succeed, itself an argument of the command `prefix` where there is one. */
function call(what, command, args, options = {}, prefix = []) {
  const [program, ...rest] = [...prefix, command, ...args];
  const result = spawnSync(program, rest, { encoding: "utf8", maxBuffer: 2 ** 26, ...options });
  const { status, error, stdout, stderr } = result;
  if (status !== 0) fail(`${what} failed: ${error ?? ""}${stdout}${stderr}`);
  return result;
}

function fail(reason) {
  console.error(`check:package: ${reason}.`);
  process.exit(1);
}
