import { createHash, randomBytes, timingSafeEqual } from "node:crypto";

/** 128 random bits, in letters, digits, `-` and `_`. */
export function createToken(): string {
  return randomBytes(16).toString("base64url");
}

/** Compares in a time that says nothing of how much was right, whatever the lengths are. */
export function isSameToken(given: string, token: string): boolean {
  const digest = (text: string) => createHash("sha256").update(text).digest();
  return timingSafeEqual(digest(given), digest(token));
}

/** Browsers send a cookie to all ports of a machine, so that each server needs a name of its own. */
export function cookieName(host: string): string {
  return `mnist-native-${/:(\d+)$/.exec(host)?.[1] ?? "80"}`;
}

/** @returns The value of a cookie in a request's header; `undefined` where it is not there. */
export function readCookie(header: string | null, name: string): string | undefined {
  for (const pair of (header ?? "").split(";")) {
    const [key = "", ...value] = pair.split("=");
    if (key.trim() === name) return value.join("=").trim();
  }
  return undefined;
}

/** For this visit of the browser, for no script, and for no request that another site has begun. */
export function formatCookie(name: string, token: string, path: string): string {
  return `${name}=${token}; Path=${path}; HttpOnly; SameSite=Strict`;
}
