import fc from "fast-check";

// Requests to the live page that would do harm.

/** A request as it goes over the line. */
export interface Wire {
  readonly method: string;
  readonly path: string;
  /** In order; a name may come twice. */
  readonly headers: readonly (readonly [name: string, value: string])[];
  readonly body: string;
}

/** Stands for the host and port of the server that is asked, until a request is sent. */
const OWN = "<own host>";

/** A request that changes something, as the page sends it. */
export function change(path: string, body: object): Wire {
  const text = JSON.stringify(body);
  return {
    method: "POST",
    path,
    headers: [
      ["Host", OWN],
      ["Origin", `http://${OWN}`],
      ["Sec-Fetch-Site", "same-origin"],
      ["Content-Type", "application/json"],
      ["Content-Length", String(text.length)],
    ],
    body: text,
  };
}

export const CHANGES: readonly (readonly [path: string, body: object])[] = [
  ["/api/runs", { epochs: 1, hidden: [5] }],
  ["/api/runs/training/command", { command: "pause" }],
  ["/api/drawings", { label: 7 }],
  ["/api/drawings/undo", {}],
];
const READS = [
  "/api/overview",
  "/api/runs/training",
  "/api/runs/finished/confusion",
  "/api/drawings",
  "/api/events",
];

const aChange = fc.constantFrom(...CHANGES).map(([path, body]) => change(path, body));
const aRead = fc
  .constantFrom(...READS)
  .map((path): Wire => ({ method: "GET", path, headers: [["Host", OWN]], body: "" }));

export function withHeader(wire: Wire, name: string, ...values: readonly string[]): Wire {
  const others = wire.headers.filter(([known]) => known.toLowerCase() !== name.toLowerCase());
  return { ...wire, headers: [...others, ...values.map((value) => [name, value] as const)] };
}

/** @param host Of the server, with its port. */
export function encode({ method, path, headers, body }: Wire, host: string): string {
  const lines = headers.map(([name, value]) => `${name}: ${value.replaceAll(OWN, host)}\r\n`);
  return `${method} ${path} HTTP/1.1\r\n${lines.join("")}\r\n${body}`;
}

/** What goes into a header: no line breaks, which would be other headers. */
const aValue = fc.string({ unit: "grapheme-ascii", maxLength: 40 });

const NOT_OUR_HOSTS = [
  "evil.example",
  "localhost.evil.example",
  "127.0.0.1.evil.example",
  "localhost.",
  "127.1",
  "2130706433",
  "0x7f.0.0.1",
  "0177.0.0.1",
  "0.0.0.0",
  "[::]",
  "[::ffff:10.0.0.1]",
  "10.0.0.1",
  "localhost, evil.example",
  "localhost@evil.example",
  "evil.example#localhost",
  "evil.example\\localhost",
  "localhost evil.example",
  "localhost%00.evil.example",
  "[::1",
  "::1",
  "",
];
const badHost = fc
  .tuple(
    fc.oneof(aChange, aRead),
    fc.oneof(
      fc
        .constantFrom(...NOT_OUR_HOSTS)
        .chain((host) =>
          fc.constantFrom([host], [`${host}:${4747}`], [host, "localhost"], ["localhost", host]),
        ),
      fc.domain().map((host) => [host]),
      fc.constant([]),
    ),
  )
  .map(([wire, hosts]) => withHeader(wire, "Host", ...hosts));

const badOrigin = fc
  .tuple(
    fc.oneof(aChange, aRead),
    fc.oneof(
      fc.constantFrom(
        "null",
        "",
        "http://evil.example",
        "http://localhost",
        "http://127.0.0.1",
        "http://127.0.0.1:1",
        "file://",
        "chrome-extension://abcdef",
      ),
      fc.webUrl(),
      aValue,
    ),
  )
  .map(([wire, origin]) => withHeader(wire, "Origin", origin));

const missingOrigin = aChange.map((wire) => withHeader(wire, "Origin"));

const otherSite = fc
  .tuple(fc.oneof(aChange, aRead), fc.oneof(fc.constantFrom("cross-site", "same-site", "?1", ""), aValue))
  .filter(
    ([{ method }, site]) => site.trim() !== "same-origin" && !(method === "GET" && site.trim() === "none"),
  )
  .map(([wire, site]) => withHeader(wire, "Sec-Fetch-Site", site));

const badType = fc
  .tuple(
    aChange,
    fc.oneof(
      fc.constantFrom(
        [],
        ["text/plain"],
        ["application/x-www-form-urlencoded"],
        ["multipart/form-data; boundary=x"],
        ["application/octet-stream"],
        ["application/jsonp"],
        ["text/plain", "application/json"],
      ),
      aValue.map((value) => [value]),
    ),
  )
  .map(([wire, types]) => withHeader(wire, "Content-Type", ...types));

const badMethod = fc
  .tuple(
    fc.oneof(aChange, aRead),
    fc.oneof(
      fc.constantFrom(
        "PUT",
        "DELETE",
        "PATCH",
        "OPTIONS",
        "TRACE",
        "CONNECT",
        "PROPFIND",
        "QUERY",
        "get",
        "BREW",
      ),
      fc.stringMatching(/^[A-Z]{1,12}$/).filter((method) => !["GET", "HEAD", "POST"].includes(method)),
    ),
  )
  .map(([wire, method]) => ({ ...wire, method }));

const postWhereOneReads = fc
  .tuple(aChange, fc.constantFrom(...READS.filter((path) => path !== "/api/drawings")))
  .map(([wire, path]) => ({ ...wire, path }));

const tooLarge = fc
  .tuple(aChange, fc.constantFrom("length", "chunks", "compressed"))
  .map(([wire, how]): Wire => {
    if (how === "compressed") return withHeader(wire, "Content-Encoding", "gzip");
    const size = 2 ** 20 + 1;
    if (how === "length")
      return { ...withHeader(wire, "Content-Length", String(size)), body: "[".repeat(size) };
    const chunk = `10000\r\n${" ".repeat(2 ** 16)}\r\n`;
    return {
      ...withHeader(withHeader(wire, "Content-Length"), "Transfer-Encoding", "chunked"),
      body: `${chunk.repeat(17)}0\r\n\r\n`,
    };
  });

export const badBody = fc
  .tuple(
    aChange.filter(({ path }) => path !== "/api/drawings/undo"),
    fc.oneof(
      fc.constantFrom(
        "",
        "{",
        "null",
        "[]",
        "7",
        '"x"',
        "{}",
        '{"command":"explode"}',
        '{"__proto__":{"label":7}}',
      ),
      fc.json(),
      fc.string({ unit: "binary" }),
    ),
  )
  .map(([wire, body]): Wire => {
    const bytes = Buffer.from(body).toString("latin1");
    return { ...withHeader(wire, "Content-Length", String(bytes.length)), body: bytes };
  });

const UPWARDS = [
  "..",
  "%2e%2e",
  "%2E.",
  ".%2e",
  "%252e%252e",
  "%c0%ae%c0%ae",
  "%uff0e%uff0e",
  "..;",
  "....",
  "..%00",
  "%5c..",
  "..%5c",
  "..%c0%af",
];
const SLASHES = ["/", "%2f", "%2F", "%5c", "\\", "//", "%252f"];
const TARGETS = [
  "etc/passwd",
  "package.json",
  "proc/self/environ",
  "src/index.ts",
  ".git/config",
  "windows/win.ini",
];
const upwards = fc
  .tuple(
    fc.constantFrom("", "assets", "api", "api/runs", "api/runs/finished", "api/runs/finished/images/train"),
    fc.array(fc.tuple(fc.constantFrom(...UPWARDS), fc.constantFrom(...SLASHES)), {
      minLength: 1,
      maxLength: 8,
    }),
    fc.constantFrom(...TARGETS),
  )
  .map(([start, steps, target]) => ({
    method: "GET",
    path: `/${start}${start === "" ? "" : "/"}${steps.flat().join("")}${target}`,
    headers: [["Host", OWN] as const],
    body: "",
  }));

const badQuery = fc
  .tuple(
    fc.constantFrom(
      ["/api/events", "after"],
      ["/api/runs/finished/images", "from"],
      ["/api/runs/finished/images", "count"],
      ["/api/runs/finished/images", "part"],
      ["/api/runs/finished/mistakes", "count"],
      ["/api/runs/finished/hidden", "count"],
      ["/api/runs/finished/weights.svg", "theme"],
      ["/api/overview", "callback"],
    ),
    fc.oneof(
      fc.constantFrom(
        "-1",
        "1e3",
        "0x10",
        "1.5",
        "NaN",
        "Infinity",
        "99999999999999999999",
        " 1",
        "",
        "<script>",
      ),
      fc.string({ unit: "grapheme" }).filter((text) => !/^\d+$/.test(text)),
    ),
  )
  .map(([[path = "", name = ""], value]) => ({
    method: "GET",
    path: `${path}?${name}=${encodeURIComponent(value)}`,
    headers: [["Host", OWN] as const],
    body: "",
  }));

const badId = fc
  .tuple(
    fc.oneof(
      fc.string({ unit: "binary", minLength: 1 }),
      fc.constantFrom("__proto__", "constructor", "a".repeat(500)),
    ),
    fc.constantFrom("", "/confusion", "/images/test/0", "/images/test/-1", "/images/secret/0"),
  )
  .map(([id, rest]) => ({
    method: "GET",
    path: `/api/runs/${encodeURIComponent(id)}x${rest}`,
    headers: [["Host", OWN] as const],
    body: "",
  }));

const flood = fc
  .tuple(fc.oneof(aChange, aRead), fc.constantFrom("many", "long", "address"))
  .map(([wire, how]): Wire => {
    if (how === "address") return { ...wire, path: `${wire.path}?${"a".repeat(3000)}` };
    const count = how === "many" ? 2500 : 1;
    const value = how === "many" ? "1" : "a".repeat(20_000);
    const more = Array.from({ length: count }, (_, i) => [`X-${i}`, value] as const);
    return { ...wire, headers: [...more, ...wire.headers] };
  });

export const notHttp = fc.oneof(
  fc.constantFrom(
    "\r\n\r\n\r\n\r\n",
    "GET\r\n\r\n",
    "GET / HTTP/9.9\r\nHost: localhost\r\n\r\n",
    "GET /api/overview HTTP/1.0\r\n\r\n",
    "PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n",
    "POST /api/drawings HTTP/1.1\r\nHost: localhost\r\nContent-Length: 5\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n",
    "POST /api/drawings HTTP/1.1\r\nHost: localhost\r\nContent-Length: 5\r\nContent-Length: 6\r\n\r\n{}   ",
    "GET http://evil.example/api/overview HTTP/1.1\r\nHost: localhost\r\n\r\n",
    "GET //evil.example/api/overview HTTP/1.1\r\nHost: localhost\r\n\r\n",
    "GET * HTTP/1.1\r\nHost: localhost\r\n\r\n",
    "OPTIONS * HTTP/1.1\r\nHost: localhost\r\n\r\n",
    "CONNECT evil.example:443 HTTP/1.1\r\nHost: evil.example\r\n\r\n",
  ),
  fc.string({ unit: "binary", minLength: 1 }).map((text) => `${text}\r\n\r\n`),
);

/** By what is wrong with them, and how many of each are tried. */
export const HOSTILE = {
  "another host": [badHost, 200],
  "another origin": [badOrigin, 150],
  "no origin": [missingOrigin, 10],
  "another site": [otherSite, 100],
  "another type": [badType, 60],
  "another method": [badMethod, 100],
  "a change where one reads": [postWhereOneReads, 20],
  "too much": [tooLarge, 20],
  "a path upwards": [upwards, 200],
  "a parameter": [badQuery, 100],
  "a name of no run": [badId, 60],
  "a flood": [flood, 30],
} as const satisfies Record<string, readonly [fc.Arbitrary<Wire>, number]>;
