// A Slurm of one node for tests: Debian's slurm-wlm and munge, started in a temporary folder with a key of their own. Everything listens on
// the loopback interface alone.
import { execFile, spawn, spawnSync } from "node:child_process";
import { randomBytes } from "node:crypto";
import {
  chmodSync,
  closeSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  openSync,
  readFileSync,
  rmSync,
  writeFileSync,
} from "node:fs";
import { createServer } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { promisify } from "node:util";

const run = promisify(execFile);

/** Why it cannot be started here; `undefined` where it can. */
export function whyNoSlurm() {
  if (process.platform !== "linux") return "Slurm runs on Linux";
  if (process.getuid() !== 0) return "slurmd starts the jobs of others, and so has to be started by root";
  const missing = ["munged", "slurmctld", "slurmd", "sbatch", "setpriv"].filter(
    (name) => pathOf(name) === undefined,
  );
  return missing.length === 0
    ? undefined
    : `${missing.join(", ")} cannot be found (apt-get install slurm-wlm munge)`;
}

/**
 * Starts the daemons and waits until the node takes jobs. They end with `stop()`, and with this process however it ends.
 *
 * @returns `env`, with which sbatch, squeue and the like talk to it; `command(name, ...args)`, what one of them prints; `stop()`.
 */
export async function startSlurm({ cpus = 2, maxArraySize = 1001 } = {}) {
  const folder = mkdtempSync(join(tmpdir(), "mnist-native-slurm-"));
  const daemons = [];
  const kill = () => {
    for (const { child } of daemons) child.kill("SIGKILL");
  };
  process.on("exit", kill);
  const munge = join(folder, "munge");
  chmodSync(folder, 0o755); // Munge wants a socket that everybody can come to.
  mkdirSync(munge, { mode: 0o711 });
  for (const name of ["state", "spool"]) mkdirSync(join(folder, name));
  writeFileSync(join(munge, "key"), randomBytes(128), { mode: 0o600 });
  const conf = join(folder, "slurm.conf");
  const [controllerPort, nodePort] = await freePorts(2);
  writeFileSync(conf, configuration({ folder, munge, controllerPort, nodePort, cpus, maxArraySize }));
  const env = { ...process.env, SLURM_CONF: conf };
  for (const name of Object.keys(env))
    if (/^(SBATCH|SQUEUE|SCANCEL|SLURM)_/.test(name) && name !== "SLURM_CONF") delete env[name];

  const start = (name, ...args) => {
    const log = openSync(join(folder, `${name}.log`), "a");
    // The kernel ends a daemon when the process that started it ends, even by kill -9.
    const child = spawn("setpriv", ["--pdeathsig", "KILL", pathOf(name), ...args], {
      env,
      stdio: ["ignore", log, log],
    });
    closeSync(log);
    daemons.push({ name, child, ended: new Promise((resolve) => child.once("close", resolve)) });
  };
  const command = async (name, ...args) => (await run(name, args, { env })).stdout.trim();
  const until = async (what, isSo) => {
    const deadline = Date.now() + 60_000;
    while (!(await isSo())) {
      const dead = daemons.find(({ child }) => child.exitCode !== null || child.signalCode !== null);
      if (dead !== undefined || Date.now() > deadline)
        throw new Error(
          `${dead?.name ?? "Slurm"} ${dead ? "ended" : `did not come so far: ${what}`}.\n${logs(folder)}`,
        );
      await sleep(100);
    }
  };
  const stop = async () => {
    // Jobs first: a daemon that is gone ends none.
    if (daemons.length === 3) {
      await command("scancel", "--user=root").catch(() => {});
      await until("all jobs ended", async () => (await command("squeue", "--noheader")) === "").catch(
        console.error,
      );
    }
    for (const { child, ended } of daemons.reverse()) {
      child.kill("SIGTERM");
      const late = setTimeout(() => child.kill("SIGKILL"), 10_000);
      await ended;
      clearTimeout(late);
    }
    process.off("exit", kill);
    rmSync(folder, { recursive: true, force: true });
  };

  try {
    start(
      "munged",
      "--foreground",
      `--socket=${join(munge, "socket")}`,
      `--key-file=${join(munge, "key")}`,
      `--pid-file=${join(munge, "pid")}`,
      `--seed-file=${join(munge, "seed")}`,
      `--log-file=${join(munge, "log")}`,
    );
    await until("munge's socket", () => existsSync(join(munge, "socket")));
    start("slurmctld", "-D", "-i");
    await until("the controller answers", () =>
      command("scontrol", "ping").then(
        (text) => /is UP/.test(text),
        () => false,
      ),
    );
    start("slurmd", "-D", "-N", "localhost");
    await until(
      "the node is idle",
      async () => (await command("sinfo", "--noheader", "--format=%T")) === "idle",
    );
    const open = openPorts(daemons.map(({ child }) => child.pid));
    if (open.length === 0 || open.some((address) => !address.startsWith("127.0.0.1:")))
      throw new Error(
        `Slurm must listen on the loopback interface alone, but listens on ${open.join(", ")}.`,
      );
  } catch (error) {
    await stop();
    throw error;
  }
  return { folder, env, command, stop, logs: () => logs(folder) };
}

function configuration({ folder, munge, controllerPort, nodePort, cpus, maxArraySize }) {
  return `ClusterName=test
SlurmctldHost=localhost(127.0.0.1)
SlurmUser=root
SlurmdUser=root
AuthType=auth/munge
AuthInfo=socket=${join(munge, "socket")}
CredType=cred/munge
SlurmctldPort=${controllerPort}
SlurmdPort=${nodePort}
CommunicationParameters=NoInAddrAny,NoCtldInAddrAny
StateSaveLocation=${join(folder, "state")}
SlurmdSpoolDir=${join(folder, "spool")}
SlurmctldPidFile=${join(folder, "slurmctld.pid")}
SlurmdPidFile=${join(folder, "slurmd.pid")}
ProctrackType=proctrack/linuxproc
TaskPlugin=task/none
SelectType=select/cons_tres
SelectTypeParameters=CR_Core
AccountingStorageType=accounting_storage/none
JobAcctGatherType=jobacct_gather/none
JobCompType=jobcomp/none
MpiDefault=none
SlurmdParameters=config_overrides
ReturnToService=2
JobRequeue=1
KillWait=10
MaxArraySize=${maxArraySize}
SchedulerParameters=batch_sched_delay=1,sched_interval=2,bf_interval=2
NodeName=localhost NodeHostname=localhost NodeAddr=127.0.0.1 CPUs=${cpus} CoresPerSocket=${cpus} RealMemory=1000 State=UNKNOWN
PartitionName=test Nodes=localhost Default=YES MaxTime=INFINITE State=UP
`;
}

/** Debian keeps daemons where the PATH of a user does not look. */
function pathOf(name) {
  const places = [...(process.env.PATH ?? "").split(":"), "/usr/sbin", "/sbin"];
  return places.map((place) => join(place, name)).find((path) => existsSync(path));
}

async function freePorts(count) {
  const servers = await Promise.all(
    Array.from(
      { length: count },
      () =>
        new Promise((resolve, reject) => {
          const server = createServer().once("error", reject);
          server.listen(0, "127.0.0.1", () => resolve(server));
        }),
    ),
  );
  const ports = servers.map((server) => server.address().port);
  await Promise.all(servers.map((server) => new Promise((resolve) => server.close(resolve))));
  return ports;
}

/** Where processes listen, as `127.0.0.1:6817`. */
function openPorts(pids) {
  const { stdout } = spawnSync("ss", ["-ltnpH"], { encoding: "utf8" });
  return stdout
    .split("\n")
    .filter((line) => pids.some((pid) => line.includes(`pid=${pid},`)))
    .map((line) => line.split(/\s+/)[3]);
}

function logs(folder) {
  const texts = ["munged", "slurmctld", "slurmd"]
    .map((name) => join(folder, `${name}.log`))
    .filter((path) => existsSync(path));
  return texts
    .map((path) => `${path}:\n${readFileSync(path, "utf8").split("\n").slice(-30).join("\n")}`)
    .join("\n");
}
