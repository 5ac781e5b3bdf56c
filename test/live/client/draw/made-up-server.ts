import { existsSync, readFileSync } from "node:fs";
import type { IncomingMessage, ServerResponse } from "node:http";
import { extname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { encode } from "fast-png";
import type {
  DrawingBody,
  Drawings,
  LiveEvent,
  Overview,
  Recognition,
  RunSummary,
  StartChoices,
} from "../../../../src/live/protocol.js";
import { startServer } from "../../../support/http-server.js";

const PAGE = fileURLToPath(new URL("../../../../dist/live/client/", import.meta.url));
const TYPES: Readonly<Record<string, string>> = {
  ".html": "text/html; charset=utf-8",
  ".js": "text/javascript",
  ".css": "text/css",
  ".svg": "image/svg+xml",
};
const POLICY =
  "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data: blob:; connect-src 'self'; worker-src 'self'";

export const RUN: RunSummary = {
  id: "first",
  name: "Quick and good",
  state: "finished",
  reason: null,
  notice: null,
  canGoOn: false,
  goOnCommand: null,
  startedAt: "2025-03-01T10:00:00.000Z",
  network: "784-128-10",
  dataset: "mnist",
  loss: "cross-entropy",
  epochs: 10,
  epoch: 10,
  validAccuracy: 0.98,
  testAccuracy: 0.981,
  isSteerable: false,
  hasModel: true,
  readsImages: true,
  settings: {},
};

export const STARTING: StartChoices = {
  datasets: [{ name: "drawings", title: "Your drawings", state: "here" }],
  activations: ["relu"],
  losses: ["crossEntropy"],
  optimizers: ["adam"],
  bounds: { layers: 4, units: [1, 1024], learningRate: [0.001, 10], batchSize: [1, 1000], epochs: [1, 100] },
  presets: [
    {
      name: "quick",
      title: "Quick and good",
      settings: {
        dataset: "mnist",
        hidden: [128],
        activation: "relu",
        loss: "crossEntropy",
        optimizer: "adam",
        learningRate: 0.001,
        batchSize: 100,
        epochs: 10,
        seed: 1,
        augment: true,
      },
    },
  ],
};

/** A picture that the page has asked about. */
export interface Asked {
  readonly run: string;
  readonly width: number;
  readonly height: number;
  readonly pixels: Uint8Array;
}

export interface MadeUpServer {
  readonly url: string;
  readonly asked: readonly Asked[];
  readonly kept: readonly DrawingBody[];
  readonly tell: (event: LiveEvent) => void;
}

/**
 * Serves the page as it is built, with answers that a test has made up.
 *
 * @param answer What is made of a picture; a string is an error's sentence. May wait.
 */
export async function startMadeUpServer({
  runs = [RUN],
  starting = STARTING,
  answer = (asked) => recognition(asked),
}: {
  readonly runs?: readonly RunSummary[];
  readonly starting?: StartChoices | null;
  readonly answer?: (asked: Asked) => Recognition | string | Promise<Recognition | string>;
} = {}): Promise<MadeUpServer> {
  const asked: Asked[] = [];
  const kept: DrawingBody[] = [];
  const readers = new Set<ServerResponse>();
  let lastId = 0;

  async function handle(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const { pathname, searchParams } = new URL(request.url ?? "", "http://localhost");
    if (pathname === "/api/events") {
      response.writeHead(200, { "content-type": "text/event-stream" }).write(": here\n\n");
      readers.add(response);
      return;
    }
    if (pathname === "/api/overview") {
      return sendJson(response, { version: "1.0.0", runs, starting, lastEventId: lastId } satisfies Overview);
    }
    if (pathname === "/api/drawings") {
      if (request.method === "POST") kept.push(JSON.parse(String(await bodyOf(request))) as DrawingBody);
      return sendJson(response, drawingsOf(kept));
    }
    if (pathname === "/api/drawings/undo") {
      kept.pop();
      return sendJson(response, drawingsOf(kept));
    }
    const [, run] = /^\/api\/runs\/(\w+)\/recognise$/.exec(pathname) ?? [];
    if (run === undefined) return sendPage(response, pathname);
    const [width, height] = [Number(searchParams.get("width")), Number(searchParams.get("height"))];
    asked.push({ run, width, height, pixels: await bodyOf(request) });
    const made = await answer(asked.at(-1) as Asked);
    if (typeof made !== "string") return sendJson(response, made);
    sendJson(response, { error: { code: "INVALID_ARGUMENT", message: made } }, 400);
  }

  const { url } = await startServer((request, response) => void handle(request, response));
  return {
    url,
    asked,
    kept,
    tell(event) {
      lastId++;
      for (const reader of readers) reader.write(`id: ${lastId}\ndata: ${JSON.stringify(event)}\n\n`);
    },
  };
}

async function bodyOf(request: IncomingMessage): Promise<Buffer> {
  const chunks: Buffer[] = [];
  for await (const chunk of request) chunks.push(chunk as Buffer);
  return Buffer.concat(chunks);
}

function sendJson(response: ServerResponse, body: object, status = 200): void {
  response.writeHead(status, { "content-type": "application/json" }).end(JSON.stringify(body));
}

function sendPage(response: ServerResponse, pathname: string): void {
  const path = join(PAGE, pathname === "/" ? "index.html" : pathname);
  if (!existsSync(path)) {
    sendJson(response, { error: { code: "NOT_FOUND", message: "No." } }, 404);
    return;
  }
  response
    .writeHead(200, {
      "content-type": TYPES[extname(path)] ?? "text/plain",
      "content-security-policy": POLICY,
    })
    .end(readFileSync(path));
}

function drawingsOf(kept: readonly DrawingBody[]): Drawings {
  return {
    folder: "drawings",
    count: kept.length,
    perClass: Array.from({ length: 10 }, (_, label) => kept.filter((one) => one.label === label).length),
    command:
      kept.length < 2 ? null : "mnist-native train --train-images drawings/train-images-idx3-ubyte --live",
    note: kept.length < 2 ? "From 2 drawings on, a network can learn from them." : null,
  };
}

/** A picture of 28 x 28 as a server makes it: dark ink on light paper, and its bytes, bright on dark. */
function inputOf({ pixels, width, height }: Asked): NonNullable<Recognition["input"]> {
  const small = Uint8Array.from({ length: 28 * 28 }, (_, i) => {
    const [x, y] = [i % 28, Math.floor(i / 28)];
    return pixels[Math.floor(((y + 0.5) * height) / 28) * width + Math.floor(((x + 0.5) * width) / 28)] ?? 0;
  });
  return {
    width: 28,
    height: 28,
    uri: pngOf(
      small.map((value) => 255 - value),
      1,
    ),
    pixels: Buffer.from(small).toString("base64"),
  };
}

function pngOf(data: Uint8Array, channels: 1 | 3): string {
  const png = encode({ width: 28, height: 28, data, channels, depth: 8 });
  return `data:image/png;base64,${Buffer.from(png).toString("base64")}`;
}

const SHARES = [0.002, 0.061, 0.013, 0.008, 0.001, 0.003, 0, 0.905, 0.002, 0.005];

/** A 7, whatever it is. */
export function recognition(asked: Asked, rest: Partial<Recognition> = {}): Recognition {
  const red = Uint8Array.from({ length: 28 * 28 * 3 }, (_, i) => {
    const [x, y, channel] = [Math.floor(i / 3) % 28, Math.floor(i / 84), i % 3];
    const strength = Math.round(160 * Math.abs(Math.sin(x / 4) * Math.cos(y / 5)));
    const isFor = Math.sin(x / 4) * Math.cos(y / 5) > 0;
    return channel === (isFor ? 0 : 2) ? 255 : 255 - strength;
  });
  return {
    modelVersion: 1,
    predicted: 7,
    classes: SHARES.map((share, i) => ({ name: String(i), share })),
    kind: "probability",
    input: inputOf(asked),
    hidden: [
      {
        name: "128 relu units",
        units: 128,
        activations: Array.from({ length: 128 }, (_, i) => Math.max(0, 3 * Math.sin(i * i))),
        largest: 3,
      },
    ],
    explanation: { uri: pngOf(red, 3), limit: 0.4 },
    notes: [],
    ...rest,
  };
}
