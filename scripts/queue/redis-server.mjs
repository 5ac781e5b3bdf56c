// A real redis-server for tests: on loopback alone, on a free port, with an append-only file that every write is flushed to, so that it can
// be killed as kill -9 does and started again on the same data.
import { spawn, spawnSync } from "node:child_process";
import { once } from "node:events";
import { mkdirSync } from "node:fs";
import { createServer } from "node:net";
import { join } from "node:path";

/** Why there can be no server here; `undefined` where there can be one. */
export function whyNoRedis() {
  const { error } = spawnSync("redis-server", ["--version"]);
  return error === undefined ? undefined : "redis-server is not installed (apt-get install redis-server)";
}

/**
 * Starts a server.
 *
 * @param {object} options
 * @param {string} options.folder An existing folder, for what the server keeps.
 * @param {string} [options.password] Without one, everybody may use the server, which only this machine reaches.
 * @param {boolean} [options.tls] Whether it speaks TLS alone, with a certificate for `localhost` that nobody has signed but itself.
 */
export async function startRedisServer({ folder, password, tls = false }) {
  const data = join(folder, "redis");
  mkdirSync(data, { recursive: true });
  const certificate = tls ? makeCertificate(data) : undefined;
  let child;
  let port = 0;
  process.on("exit", () => child?.kill("SIGKILL"));

  async function start() {
    // Another process may take a port between the look for it and its use.
    for (let tries = 0; ; tries++) {
      const wanted = port === 0 ? await freePort() : port;
      const started = await launch(wanted);
      if (started.isReady) {
        ({ child } = started);
        port = wanted;
        return;
      }
      if (tries === 20) throw new Error(`redis-server does not start:\n${started.output}`);
      if (port !== 0) await new Promise((resolve) => setTimeout(resolve, 100)); // Its old connections hold it for a moment.
    }
  }

  async function launch(wanted) {
    const listening = tls
      ? [
          ...["--port", "0", "--tls-port", String(wanted), "--tls-auth-clients", "no"],
          ...["--tls-cert-file", certificate.certificate, "--tls-key-file", certificate.key],
          ...["--tls-ca-cert-file", certificate.certificate],
        ]
      : ["--port", String(wanted)];
    const started = spawn(
      "redis-server",
      [
        ...listening,
        ...["--bind", "127.0.0.1", "--dir", data, "--save", ""],
        ...["--appendonly", "yes", "--appendfsync", "always"],
        ...(password === undefined ? [] : ["--requirepass", password]),
      ],
      { stdio: ["ignore", "pipe", "pipe"] },
    );
    let output = "";
    const isReady = await new Promise((resolve, reject) => {
      const read = (text) => {
        output += text;
        if (output.includes("Ready to accept connections")) resolve(true);
      };
      started.stdout.setEncoding("utf8").on("data", read);
      started.stderr.setEncoding("utf8").on("data", read);
      started.on("error", reject);
      started.on("exit", () => resolve(false));
    });
    return { child: started, isReady, output };
  }

  async function kill() {
    if (child === undefined || child.exitCode !== null || child.signalCode !== null) return;
    const ended = once(child, "exit");
    child.kill("SIGKILL");
    await ended;
  }

  const address = () => (tls ? `localhost:${port}` : `127.0.0.1:${port}`);
  const userInfo = password === undefined ? "" : `:${encodeURIComponent(password)}@`;
  await start();
  return {
    url: `${tls ? "rediss" : "redis"}://${userInfo}${address()}`,
    /** Where the file of the certificate is, for NODE_EXTRA_CA_CERTS. */
    certificate: certificate?.certificate,
    /** As kill -9 does. */
    kill,
    /** After a kill: on the same port, with what had been written. */
    start,
    async restart() {
      await kill();
      await start();
    },
    stop: kill,
  };
}

function freePort() {
  return new Promise((resolve, reject) => {
    const server = createServer();
    server.once("error", reject);
    server.listen(0, "127.0.0.1", () => {
      const { port } = server.address();
      server.close(() => resolve(port));
    });
  });
}

function makeCertificate(folder) {
  const [certificate, key] = [join(folder, "certificate.pem"), join(folder, "key.pem")];
  const { status, stderr, error } = spawnSync(
    "openssl",
    [
      ...[
        "req",
        "-x509",
        "-newkey",
        "ec",
        "-pkeyopt",
        "ec_paramgen_curve:prime256v1",
        "-nodes",
        "-days",
        "2",
      ],
      ...["-subj", "/CN=localhost", "-addext", "subjectAltName=DNS:localhost,IP:127.0.0.1"],
      ...["-keyout", key, "-out", certificate],
    ],
    { encoding: "utf8" },
  );
  if (error !== undefined || status !== 0)
    throw new Error(`openssl makes no certificate: ${error ?? stderr}`);
  return { certificate, key };
}
