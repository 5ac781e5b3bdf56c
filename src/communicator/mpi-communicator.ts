import { setImmediate, setTimeout } from "node:timers/promises";
import { inspect } from "node:util";
import { CommunicatorError, InvalidArgumentError } from "../errors.js";
import type { Communicator, Done, Numbers } from "./communicator.js";
import { libraryName, type MpiAddon } from "./mpi-addon.js";
import { introduceMyself, type Peer, Peers } from "./peers.js";

/** How long an operation is waited for without a look at anything else: as long as one takes for a network of some 100,000 weights. */
const AT_ONCE_MICROSECONDS = 200;
/** For how long it is then asked after in every round of the event loop; and how much longer for each byte, as large messages take time. */
const EAGER_MILLISECONDS = 20;
const EAGER_MILLISECONDS_A_BYTE = 1e-5;
/** Between two looks at an operation that somebody else keeps waiting, such as rank 0 while it evaluates. */
const NAP_MILLISECONDS = 1;
/** For mpirun to hand on the last words of a process that ends all. */
const LAST_WORDS_MILLISECONDS = 200;
/** Between two looks whether the other ranks are still there. */
const WATCH_MILLISECONDS = 50;

/**
 * Starts MPI in this process, and meets the other ranks.
 *
 * @param expectedSize How many processes the launcher says there are.
 */
export async function startMpi(addon: MpiAddon, expectedSize: number | undefined): Promise<Communicator> {
  const communicator = new MpiCommunicator(addon);
  if (expectedSize !== undefined && communicator.size !== expectedSize) {
    const { name, size } = communicator;
    communicator.close();
    throw new CommunicatorError(
      `${expectedSize} processes were started together, but ${name}, for which the addon was built, sees ${size}; start them by the mpirun of ${name}, or build the addon anew for the other MPI: npx mnist-native build --mpi --mpicxx PATH.`,
    );
  }
  await communicator.meet();
  return communicator;
}

/** The ranks that one mpirun has started, by nonblocking collective operations. */
class MpiCommunicator implements Communicator {
  readonly name: string;
  readonly rank: number;
  readonly size: number;
  readonly localSize: number;
  readonly #addon: MpiAddon;
  #peers: Peers | undefined;
  #isClosed = false;
  #uncaught: { readonly error: unknown } | undefined;

  constructor(addon: MpiAddon) {
    this.#addon = addon;
    this.name = libraryName(addon.library);
    const { rank, size, localSize } = told(() => addon.start());
    this.rank = rank;
    this.size = size;
    this.localSize = localSize;
    process.on("uncaughtExceptionMonitor", this.#atUncaught);
    process.once("exit", this.#atExit);
  }

  /** Learns which processes the other ranks are. */
  async meet(): Promise<void> {
    const introductions = await this.gather(JSON.stringify(introduceMyself()));
    this.#peers = new Peers(
      this.rank,
      introductions.map((text) => JSON.parse(text) as Peer),
    );
  }

  sum(data: Numbers): Done {
    told(() => this.#addon.startSum(data));
    return this.#wait(data.byteLength);
  }

  broadcast(data: Numbers | Uint8Array | Int32Array): Done {
    told(() => this.#addon.startBroadcast(data));
    return this.#wait(data.byteLength);
  }

  async gather(text: string): Promise<readonly string[]> {
    const own = new TextEncoder().encode(text);
    const counts = new Int32Array(this.size);
    const fours = new Int32Array(this.size).fill(Int32Array.BYTES_PER_ELEMENT);
    await this.#gatherBytes(
      new Uint8Array(Int32Array.of(own.length).buffer),
      new Uint8Array(counts.buffer),
      fours,
    );
    const all = new Uint8Array(counts.reduce((sum, count) => sum + count, 0));
    await this.#gatherBytes(own, all, counts);
    let end = 0;
    return Array.from(counts, (count) => {
      end += count;
      return new TextDecoder().decode(all.subarray(end - count, end));
    });
  }

  abort(exitCode: number): never {
    this.#isClosed = true;
    // What was printed is on its way through mpirun, and MPICH's drops it when the end comes before it.
    Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, LAST_WORDS_MILLISECONDS);
    return this.#addon.abort(exitCode);
  }

  close(): void {
    if (this.#isClosed) return;
    this.#isClosed = true;
    process.off("uncaughtExceptionMonitor", this.#atUncaught);
    process.off("exit", this.#atExit);
    told(() => this.#addon.finish());
  }

  /** Node.js tells of an error that nobody caught after the last event, which here does not return. */
  readonly #atUncaught = (error: unknown): void => {
    this.#uncaught = { error };
  };

  /** One that ends by an error would leave the others waiting. */
  readonly #atExit = (exitCode: number): void => {
    if (exitCode === 0) {
      this.close();
      return;
    }
    if (this.#uncaught !== undefined && process.listenerCount("uncaughtException") === 0) {
      process.stderr.write(`${inspect(this.#uncaught.error)}\n`);
    }
    this.abort(exitCode);
  };

  #gatherBytes(own: Uint8Array, all: Uint8Array, counts: Int32Array): Done {
    told(() => this.#addon.startGather(own, all, counts));
    return this.#wait(all.byteLength);
  }

  #wait(bytes: number): Done {
    if (told(() => this.#addon.wait(AT_ONCE_MICROSECONDS))) return;
    return this.#waitLonger(bytes);
  }

  /** Gives way to the event loop meanwhile, so that signals are heard and a page is served. */
  async #waitLonger(bytes: number): Promise<void> {
    const start = performance.now();
    const eager = EAGER_MILLISECONDS + bytes * EAGER_MILLISECONDS_A_BYTE;
    let watched = start;
    for (;;) {
      const now = performance.now();
      await (now - start < eager ? setImmediate() : setTimeout(NAP_MILLISECONDS));
      if (told(() => this.#addon.wait(AT_ONCE_MICROSECONDS / 2))) return;
      if (now - watched > WATCH_MILLISECONDS) {
        watched = now;
        this.#peers?.requireAll();
      }
    }
  }
}

/** Runs a call of the addon, whose errors become those of this package. */
function told<Result>(call: () => Result): Result {
  try {
    return call();
  } catch (error) {
    const { message, code } = error as NodeJS.ErrnoException;
    if (code === "ERR_INVALID_ARGUMENT") throw new InvalidArgumentError(sentence(message), { cause: error });
    if (code !== "ERR_COMMUNICATOR") throw error;
    throw new CommunicatorError(
      `The processes that train together cannot speak to each other (${message.trim()}); start them again, with --resume where a checkpoint was written.`,
      { cause: error },
    );
  }
}

function sentence(clause: string): string {
  return clause.charAt(0).toUpperCase() + clause.slice(1);
}
