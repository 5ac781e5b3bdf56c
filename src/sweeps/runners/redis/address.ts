import { SweepError } from "../../../errors.js";

/** The variable of the environment that may hold the address of a queue, so that no password stands where `ps` shows it. */
const QUEUE_VARIABLE = "MNIST_NATIVE_QUEUE";
/** Given in place of an address, it stands for that of {@link QUEUE_VARIABLE}. */
export const BY_ENVIRONMENT = "env";

const EXAMPLE = "such as redis://host:6379, or rediss://user:password@host:6379 for TLS";

/**
 * The address of a queue: as it was given, or as the environment has it.
 *
 * @throws SweepError when there is none, or when it is none of Redis. Its text, which may have a password, stands in no message.
 */
export function queueAddress(given: string | undefined, environment = process.env): string {
  const isGiven = given !== undefined && given !== BY_ENVIRONMENT;
  const address = isGiven ? given : environment[QUEUE_VARIABLE];
  const source = isGiven ? "the queue" : QUEUE_VARIABLE;
  if (address === undefined || address === "") {
    throw new SweepError(
      `Expected the address of a queue, ${EXAMPLE}; name it by --queue, or set ${QUEUE_VARIABLE}.`,
    );
  }
  const url = URL.canParse(address) ? new URL(address) : undefined;
  if (url === undefined || !["redis:", "rediss:"].includes(url.protocol) || url.hostname === "") {
    throw new SweepError(
      `Expected an address of Redis for ${source}, ${EXAMPLE}, but received something else.`,
    );
  }
  if (!/^(?:\/\d*)?$/.test(url.pathname) || url.search !== "" || url.hash !== "") {
    throw new SweepError(
      `Expected nothing, or the number of a database, after the host of ${source}, such as redis://host:6379/2.`,
    );
  }
  return address;
}

/** Whether an address has what is to stand nowhere. */
export function hasCredentials(address: string): boolean {
  const { username, password } = URL.canParse(address) ? new URL(address) : { username: "", password: "" };
  return username !== "" || password !== "";
}

/** An address as it may be printed: without user and password. */
export function printedAddress(address: string): string {
  const { protocol, host, pathname } = new URL(address);
  return `${protocol}//${host}${pathname === "/" ? "" : pathname}`;
}
