/** Numbers that several processes sum. */
export type Numbers = Float32Array | Float64Array;

/** What a collective operation returns: `undefined` when it is done at once, as it always is for a single process. */
export type Done = void | Promise<void>;

/**
 * The processes that train one network together, each on its share of every minibatch. A single process is the trivial case, so that a
 * training need not know how many there are.
 *
 * All ranks must call the same operations in the same order, with arrays of the same type and length, and start none before the last one
 * is done. Until then an array that takes part must neither be changed nor be transferred elsewhere.
 */
export interface Communicator {
  /** "one process", "Open MPI 4.1.4", as a person calls it. */
  readonly name: string;
  /** Which of the processes this is, from 0. Rank 0 evaluates, prints and writes. */
  readonly rank: number;
  /** How many processes there are. */
  readonly size: number;
  /** How many of them are on this machine, which they share. */
  readonly localSize: number;
  /**
   * Replaces `data` by its sum over all ranks: the same bits on each, and from run to run for the same number of ranks and the same
   * placement of them.
   *
   * @throws CommunicatorError, at once or by the promise, when another rank is lost, or this MPI reports an error.
   */
  sum(data: Numbers): Done;
  /** Replaces `data` by what rank 0 has. @throws CommunicatorError as `sum` does. */
  broadcast(data: Numbers | Uint8Array | Int32Array): Done;
  /** What each rank says, by rank. @throws CommunicatorError as `sum` does. */
  gather(text: string): Promise<readonly string[]>;
  /**
   * Ends all processes at once, for an error that only this one knows of. It has been told before.
   *
   * @param exitCode From 0 to 255.
   */
  abort(exitCode: number): never;
  /**
   * Takes leave of the others, and waits until they do. It does nothing the second time. A process that ends with exit code 0 does so by
   * itself; one that ends with another, without having taken leave, ends all the others.
   */
  close(): void;
}
