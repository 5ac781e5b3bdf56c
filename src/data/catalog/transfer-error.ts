import { printable } from "../../system/printable.js";

/**
 * What another try at the same address may meet: something better after a while; hardly anything better, because this machine
 * seems to have no network, or none that leads there; or certainly the same.
 */
export type Prospect = "passing" | "unreachable" | "permanent";

/** Why a mirror did not give a file; part of a sentence about its address, safe to print whatever the mirror said. */
export class TransferError extends Error {
  readonly prospect: Prospect;

  constructor(message: string, prospect: Prospect, options?: ErrorOptions) {
    super(printable(message), options);
    this.prospect = prospect;
  }
}

type Fault = readonly [reason: string, prospect: Prospect];

const NOT_HTTP: Fault = ["what it sent is not HTTP", "permanent"];
const LOST: Fault = ["the connection was lost", "passing"];
const NO_ADDRESS: Fault = ["its address is none, or leads in a circle", "permanent"];
const NO_TLS: Fault = ["it does not speak TLS as an address with https promises", "permanent"];
const NOT_FOUND: Fault = ["its server cannot be found", "unreachable"];
const NO_NETWORK: Fault = ["the network cannot be reached", "unreachable"];

/** By the code of an error of the network, of TLS or of the HTTP client. */
const FAULTS: Readonly<Record<string, Fault>> = {
  ENOTFOUND: NOT_FOUND,
  EAI_AGAIN: NOT_FOUND,
  ENETUNREACH: NO_NETWORK,
  ENETDOWN: NO_NETWORK,
  EHOSTUNREACH: ["its server cannot be reached", "unreachable"],
  ECONNREFUSED: ["its server refuses connections", "passing"],
  ECONNRESET: LOST,
  EPIPE: LOST,
  UND_ERR_SOCKET: LOST,
  ERR_INVALID_URL: NO_ADDRESS,
  UND_ERR_INVALID_ARG: NO_ADDRESS,
  ERR_ASSERTION: NOT_HTTP,
  UND_ERR_HEADERS_OVERFLOW: ["the headers of its answer are too long", "permanent"],
  UND_ERR_RES_CONTENT_LENGTH_MISMATCH: ["it contradicts itself about the length of the file", "permanent"],
  EPROTO: NO_TLS,
};

/** Where TLS works, and leads to somebody who cannot prove to be the mirror. */
const CERTIFICATE_FAULT = /^(CERT_|ERR_TLS_CERT_|DEPTH_ZERO_|SELF_SIGNED_|UNABLE_TO_)/;

/** What went wrong while a mirror was asked or listened to. Whatever it is, another mirror may do better. */
export function mirrorFault(error: unknown): TransferError {
  if (error instanceof TransferError) {
    return error;
  }
  const [reason, prospect] = faultOf(error);
  return new TransferError(reason, prospect, { cause: error });
}

function faultOf(error: unknown): Fault {
  const { name, code = "", message } = (error ?? {}) as NodeJS.ErrnoException;
  const known = FAULTS[code];
  if (known !== undefined) {
    return known;
  }
  if (name === "HTTPParserError") {
    return NOT_HTTP;
  }
  if (code.startsWith("ERR_SSL_")) {
    return NO_TLS;
  }
  if (CERTIFICATE_FAULT.test(code)) {
    return [
      `its certificate is not trusted (${code}); where a proxy reads along, name the proxy's in NODE_EXTRA_CA_CERTS`,
      "permanent",
    ];
  }
  return [message || code || String(error), "passing"];
}
