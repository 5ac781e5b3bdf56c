import type { Dispatcher } from "undici";
import { InvalidArgumentError } from "../../errors.js";

const MAX_REDIRECTIONS = 10;

/**
 * What sends requests: directly, or through the proxy that `http_proxy` and `https_proxy` name, except to the hosts in
 * `no_proxy`; in small letters or capitals, the small ones first, as curl reads them. Redirections are followed. Time-outs are
 * left to whoever sends a request.
 *
 * @throws InvalidArgumentError when a proxy's address is none.
 */
export async function createDispatcher(
  env: NodeJS.ProcessEnv,
): Promise<{ dispatcher: Dispatcher; close(): Promise<void> }> {
  const { EnvHttpProxyAgent, interceptors } = await import("undici"); // Large, and most programs download nothing.
  const agent = new EnvHttpProxyAgent({
    // An empty text keeps the agent from looking into the environment of the process itself.
    httpProxy: proxyAddress(env, "http_proxy") ?? "",
    httpsProxy: proxyAddress(env, "https_proxy") ?? "",
    noProxy: env.no_proxy ?? env.NO_PROXY ?? "",
    // Only https needs a tunnel; many proxies refuse one to other ports.
    proxyTunnel: false,
    connect: { timeout: 0 },
    headersTimeout: 0,
    bodyTimeout: 0,
  });
  return {
    dispatcher: agent.compose(interceptors.redirect({ maxRedirections: MAX_REDIRECTIONS })),
    close: () => agent.destroy(),
  };
}

function proxyAddress(env: NodeJS.ProcessEnv, name: string): string | undefined {
  const value = env[name] || env[name.toUpperCase()];
  if (!value) {
    return undefined;
  }
  const address = value.includes("://") ? value : `http://${value}`;
  if (!URL.canParse(address)) {
    throw new InvalidArgumentError(
      `Expected an address such as http://proxy.example:8080 in ${name} but received ${value}.`,
    );
  }
  return address;
}
