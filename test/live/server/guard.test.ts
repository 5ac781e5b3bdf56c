import { hostname } from "node:os";
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { createGuard, type GuardedRequest, type Security } from "../../../src/live/server/guard.js";
import { createHostCheck, isLocalAddress } from "../../../src/live/server/hosts.js";
import { HttpError } from "../../../src/live/server/http-error.js";
import { createToken, isSameToken, readCookie } from "../../../src/live/server/token.js";

const HERE: Security = { hosts: [], token: null };

/** The status of a refusal, or 200 where a request is let through. */
function statusOf(
  request: Partial<Omit<GuardedRequest, "headers">> & { readonly headers?: Record<string, string> },
  security = HERE,
  mountedAt = "",
) {
  const { headers = {}, url = new URL("http://localhost:4747/api/overview"), ...rest } = request;
  try {
    const answer = createGuard(
      security,
      mountedAt,
    )({
      method: "GET",
      path: url.pathname.slice(mountedAt.length + 1),
      remoteAddress: "127.0.0.1",
      url,
      ...rest,
      headers: new Headers({ host: url.host, ...headers }),
    });
    return answer?.status ?? 200;
  } catch (error) {
    if (error instanceof HttpError) return error.status;
    throw error;
  }
}

describe("the names that a server answers to", () => {
  it.each(["localhost", "LOCALHOST:4747", "127.0.0.1", "127.0.0.1:80", "127.9.8.7:1", "[::1]", "[::1]:4747"])(
    "are those of this machine: %s",
    (host) => {
      expect(createHostCheck([])(host)).toBe(true);
      expect(statusOf({ url: new URL(`http://${host.toLowerCase()}/`), headers: { host } })).toBe(200);
    },
  );

  it("are no others, however they look like one", () => {
    const isKnown = createHostCheck([]);
    fc.assert(fc.property(fc.domain(), (name) => !isKnown(name)));
    fc.assert(
      fc.property(
        fc.ipV4().filter((ip) => !ip.startsWith("127.")),
        (ip) => !isKnown(ip),
      ),
    );
    fc.assert(
      fc.property(
        fc.ipV6().filter((ip) => !/^[0:]*:0*1$/.test(ip)),
        (ip) => !isKnown(`[${ip}]`),
      ),
    );
    fc.assert(
      fc.property(
        fc.string({ unit: "binary" }).filter((text) => !/^(localhost|127\.)/i.test(text)),
        (text) => !isKnown(text),
      ),
    );
    fc.assert(
      fc.property(
        fc.constantFrom("localhost", "127.0.0.1", "[::1]"),
        fc.stringMatching(/^[^:\d]$/),
        (name, tail) => !isKnown(`${name}${tail}`),
      ),
    );
  });

  it("are those beside that were given", () => {
    const isKnown = createHostCheck(["Digits.example", "192.168.1.5"]);
    expect(isKnown("digits.example:4747")).toBe(true);
    expect(isKnown("192.168.1.5:4747")).toBe(true);
    expect(isKnown("a.digits.example")).toBe(false);
    expect(isKnown("192.168.1.6")).toBe(false);
  });

  it("are all addresses, and the machine's own name, where it listens on all of them", () => {
    const isKnown = createHostCheck(["0.0.0.0"]);
    expect(isKnown("192.168.1.6:4747")).toBe(true);
    expect(isKnown("[fe80::1]:4747")).toBe(true);
    expect(isKnown(`${hostname()}:4747`)).toBe(true);
    expect(isKnown("evil.example")).toBe(false);
  });
});

describe("a server without a token", () => {
  it("answers connections of this machine alone, whatever they say", () => {
    expect(statusOf({ remoteAddress: "::1" })).toBe(200);
    expect(statusOf({ remoteAddress: "::ffff:127.0.0.1" })).toBe(200);
    expect(statusOf({ remoteAddress: undefined })).toBe(200);
    expect(statusOf({ remoteAddress: "192.168.1.6" })).toBe(403);
    expect(statusOf({ remoteAddress: "::ffff:192.168.1.6" })).toBe(403);
    expect(isLocalAddress("fe80::1")).toBe(false);
  });

  it("lets a link from elsewhere lead to the page, and to nothing else", () => {
    const link = {
      "sec-fetch-site": "cross-site",
      "sec-fetch-mode": "navigate",
      "sec-fetch-dest": "document",
    };
    const page = new URL("http://localhost:4747/");
    expect(statusOf({ url: page, headers: link })).toBe(200);
    expect(statusOf({ headers: link })).toBe(403);
    expect(statusOf({ url: page, headers: { ...link, "sec-fetch-dest": "iframe" } })).toBe(403);
    expect(
      statusOf({ url: page, headers: { ...link, "sec-fetch-mode": "no-cors", "sec-fetch-dest": "script" } }),
    ).toBe(403);
    expect(statusOf({ url: page, method: "POST", headers: link })).toBe(403);
    expect(statusOf({ headers: { "sec-fetch-site": "none" } })).toBe(200); // Typed by hand.
  });

  it("takes changes from its own page, behind TLS, too", () => {
    const post = (headers: Record<string, string>) => statusOf({ method: "POST", headers });
    expect(post({ origin: "http://localhost:4747" })).toBe(200);
    expect(post({ origin: "http://localhost:4747", "sec-fetch-site": "same-origin" })).toBe(200);
    expect(post({ origin: "https://localhost", host: "localhost" })).toBe(200);
    expect(post({})).toBe(403);
    expect(post({ origin: "null" })).toBe(403);
    expect(post({ origin: "http://localhost:4748" })).toBe(403);
    expect(post({ origin: "http://127.0.0.1:4747" })).toBe(403);
    expect(post({ origin: "http://localhost:4747/" })).toBe(403);
    expect(post({ origin: "http://user@localhost:4747" })).toBe(403);
    expect(post({ origin: "http://localhost:4747", "sec-fetch-site": "same-site" })).toBe(403);
    expect(post({ origin: "http://localhost:4747", "sec-fetch-site": "none" })).toBe(403);
  });
});

describe("a server with a token", () => {
  const token = createToken();
  const security: Security = { hosts: ["192.168.1.5"], token };
  const page = (query: string) => new URL(`http://192.168.1.5:4747/${query}`);

  it("has one of 128 random bits", () => {
    expect(Buffer.from(token, "base64url")).toHaveLength(16);
    expect(createToken()).not.toBe(token);
    fc.assert(fc.property(fc.string(), (other) => isSameToken(other, token) === (other === token)));
    expect(isSameToken(token, token)).toBe(true);
  });

  it("answers nothing without it, the page's own files included, to this machine either", () => {
    for (const path of ["", "assets/x.js", "api/overview", "api/events"]) {
      expect(statusOf({ url: page(path) }, security)).toBe(401);
      expect(statusOf({ url: new URL(`http://localhost:4747/${path}`) }, security)).toBe(401);
    }
    expect(statusOf({ url: page(`?token=${createToken()}`) }, security)).toBe(401);
    expect(statusOf({ url: page("?token=") }, security)).toBe(401);
    expect(statusOf({ url: page(`api/overview?token=${token}`) }, security)).toBe(401);
    expect(statusOf({ url: page(""), headers: { cookie: `mnist-native-4748=${token}` } }, security)).toBe(
      401,
    );
  });

  it("takes it once in the address, then in a cookie that no script reads and no other site sends", async () => {
    const url = page(`?token=${token}`);
    const answer = createGuard(
      security,
      "/live",
    )({
      method: "GET",
      url,
      path: "",
      headers: new Headers({ host: url.host }),
      remoteAddress: "192.168.1.9",
    });
    expect(answer?.status).toBe(200);
    expect(answer?.headers.get("set-cookie")).toBe(
      `mnist-native-4747=${token}; Path=/live/; HttpOnly; SameSite=Strict`,
    );
    expect(await answer?.text()).toContain('<meta http-equiv="refresh" content="0; url=/live/">');
    const cookie = `other=1; mnist-native-4747=${token}; another=2`;
    expect(
      statusOf({ url: page("api/overview"), headers: { cookie }, remoteAddress: "192.168.1.9" }, security),
    ).toBe(200);
  });

  it("still looks at host, origin and site", () => {
    const cookie = `mnist-native-4747=${token}`;
    expect(statusOf({ url: new URL("http://evil.example:4747/"), headers: { cookie } }, security)).toBe(421);
    expect(statusOf({ url: page("api/runs"), method: "POST", headers: { cookie } }, security)).toBe(403);
    expect(
      statusOf({ url: page("api/overview"), headers: { cookie, "sec-fetch-site": "cross-site" } }, security),
    ).toBe(403);
  });

  it("reads its cookie among others", () => {
    expect(readCookie("a=1; b=2=3 ;c", "b")).toBe("2=3");
    expect(readCookie("ab=1", "b")).toBeUndefined();
    expect(readCookie(null, "b")).toBeUndefined();
  });
});
