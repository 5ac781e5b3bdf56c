import { isIP, isIPv4 } from "node:net";
import { hostname } from "node:os";

/** Names of a machine as they stand in `Host`: a name, an IPv4 address, or an IPv6 address in brackets. */
const HOST = /^(?:\[([0-9a-f:.]+)\]|([a-z0-9](?:[a-z0-9._-]*[a-z0-9])?))(?::[0-9]{1,5})?$/i;

/** Addresses that stand for every one of a machine. */
const WILDCARDS: readonly string[] = ["0.0.0.0", "::"];

/** The name or address in a `Host`, without port and brackets; `undefined` where it is none. */
export function nameInHost(host: string): string | undefined {
  const [, ipv6, name] = HOST.exec(host) ?? [];
  if (ipv6 !== undefined) return isIP(ipv6) === 6 ? ipv6.toLowerCase() : undefined;
  return name?.toLowerCase();
}

/** Whether a name or address leads to this machine and cannot be reached from another. */
export function isLoopback(name: string): boolean {
  return name === "localhost" || name === "::1" || (isIPv4(name) && name.startsWith("127."));
}

/** Whether a connection comes from this machine, by its address as Node.js tells it. */
export function isLocalAddress(address: string): boolean {
  return isLoopback(address.replace(/^::ffff:/, ""));
}

/** Whether a host to listen on stands for every address of the machine. */
export function isWildcard(host: string): boolean {
  return WILDCARDS.includes(host);
}

/**
 * The names that requests may call this server by. A page of somebody else can have its own name lead to this machine (DNS rebinding), but
 * cannot have its browser send another name than that. So an address as such is harmless, and names are only those that are known.
 *
 * @param hosts What was given beside the loopback names; a wildcard is for all addresses, and the machine's own name.
 */
export function createHostCheck(hosts: readonly string[]): (host: string) => boolean {
  const known = new Set(hosts.map((host) => host.toLowerCase()));
  const isOpen = hosts.some(isWildcard);
  if (isOpen) {
    const own = hostname().toLowerCase();
    known.add(own).add(`${own}.local`);
  }
  return (host) => {
    const name = nameInHost(host);
    if (name === undefined) return false;
    return isLoopback(name) || known.has(name) || (isOpen && isIP(name) !== 0);
  };
}
