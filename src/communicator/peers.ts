import { CommunicatorError } from "../errors.js";
import { identityOf, isAlive, type ProcessIdentity, processSpace } from "../system/process-identity.js";

/** A rank as a process, and where its number means something. */
export interface Peer extends ProcessIdentity {
  readonly space: string | null;
}

export function introduceMyself(): Peer {
  return { ...identityOf(process.pid), space: processSpace() };
}

/**
 * The other ranks, as far as they can be seen from here: those on this machine. mpirun ends all when one dies, but not every mpirun says
 * why, and MPI itself waits for the dead.
 */
export class Peers {
  readonly #rank: number;
  readonly #size: number;
  readonly #seen: readonly (Peer & { readonly rank: number })[];

  /** @param peers All ranks, by rank. */
  constructor(rank: number, peers: readonly Peer[]) {
    const space = processSpace();
    this.#rank = rank;
    this.#size = peers.length;
    this.#seen = peers
      .map((peer, peerRank) => ({ ...peer, rank: peerRank }))
      .filter((peer) => space !== null && peer.space === space);
  }

  /**
   * Throws when one is gone. Only the first of those that are left does, so that it is said once; it ends the others with itself.
   *
   * @throws CommunicatorError naming the rank that is gone.
   */
  requireAll(): void {
    const lost = this.#seen.find((peer) => peer.rank !== this.#rank && !isAlive(peer));
    if (lost === undefined) return;
    if (this.#seen.some((peer) => peer.rank < this.#rank && isAlive(peer))) return;
    throw new CommunicatorError(
      `Rank ${lost.rank} of ${this.#size}, process ${lost.pid}, has ended in the middle of the training, which cannot go on without it; start it again with --resume, with any number of ranks.`,
    );
  }
}
