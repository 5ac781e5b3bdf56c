import type { Dispatcher } from "undici";
import { InvalidArgumentError } from "../../errors.js";
import { TransferError } from "./transfer-error.js";

const MAX_REDIRECTIONS = 10;

/** The proxy that an environment variable names. */
interface NamedProxy {
  readonly variable: string;
  readonly address: string;
}

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
  const httpProxy = namedProxy(env, "http_proxy");
  const httpsProxy = namedProxy(env, "https_proxy");
  const agent = new EnvHttpProxyAgent({
    // An empty text keeps the agent from looking into the environment of the process itself.
    httpProxy: httpProxy?.address ?? "",
    httpsProxy: httpsProxy?.address ?? "",
    noProxy: env.no_proxy ?? env.NO_PROXY ?? "",
    // Only https needs a tunnel; many proxies refuse one to other ports.
    proxyTunnel: false,
    connect: { timeout: 0 },
    headersTimeout: 0,
    bodyTimeout: 0,
  });
  const proxyOf = (origin: URL) => (origin.protocol === "https:" ? (httpsProxy ?? httpProxy) : httpProxy);
  return {
    dispatcher: agent.compose(
      reportRefusals(proxyOf),
      interceptors.redirect({ maxRedirections: MAX_REDIRECTIONS }),
    ),
    close: () => agent.destroy(),
  };
}

/** Puts into words what a proxy did not do. The agent passes errors on, with nothing of the proxy but its status in them. */
function reportRefusals(
  proxyOf: (origin: URL) => NamedProxy | undefined,
): Dispatcher.DispatcherComposeInterceptor {
  return (dispatch) => (options, handler) =>
    dispatch(options, {
      onRequestStart: (controller, context) => handler.onRequestStart?.(controller, context),
      onResponseStart: (controller, status, headers, text) =>
        handler.onResponseStart?.(controller, status, headers, text),
      onResponseData: (controller, chunk) => handler.onResponseData?.(controller, chunk),
      onResponseEnd: (controller, trailers) => handler.onResponseEnd?.(controller, trailers),
      onResponseError(controller, error) {
        const origin = new URL(String(options.origin));
        const proxy = proxyOf(origin);
        handler.onResponseError?.(controller, (proxy && refusal(error, proxy, origin)) ?? error);
      },
    });
}

function refusal(error: Error, { variable, address }: NamedProxy, origin: URL): TransferError | undefined {
  const [, digits] = /^Proxy (?:response|Authentication Required) \((\d+)\)/.exec(error.message) ?? [];
  if (digits === undefined) {
    return undefined;
  }
  const status = Number(digits);
  const { protocol, host } = new URL(address);
  const proxy = `the proxy ${protocol}//${host}`; // Without the password that may be in it.
  if (status === 407) {
    return new TransferError(
      `${proxy} wants a user name and a password it accepts (407); write them into ${variable}, as http://user:password@host:port`,
      "permanent",
      { cause: error },
    );
  }
  return new TransferError(
    `${proxy} refuses to connect to ${origin.host} (${status}); ask whoever runs it to allow that, name another proxy in ${variable}, or name the host in no_proxy`,
    status >= 500 || status === 429 ? "passing" : "permanent",
    { cause: error },
  );
}

function namedProxy(env: NodeJS.ProcessEnv, name: string): NamedProxy | undefined {
  const variable = env[name] ? name : name.toUpperCase();
  const value = env[variable];
  if (!value) {
    return undefined;
  }
  const address = value.includes("://") ? value : `http://${value}`;
  if (!URL.canParse(address)) {
    throw new InvalidArgumentError(
      `Expected an address such as http://proxy.example:8080 in ${name} but received ${value}.`,
    );
  }
  return { variable, address };
}
