import type { RequestListener } from "node:http";
import type { Listening } from "./listen.js";

// Apart from what makes it, so that who compiles against it needs no types of what it is made with.

/** What answers requests, in the forms that servers take. */
export interface LiveServer extends Listening {
  /** Answers one request, as in the Fetch standard. */
  fetch(request: Request): Promise<Response>;
  /** Answers the requests of a server of `node:http`. */
  readonly listener: RequestListener;
  /** What has to stand in the address once, as `?token=…`, where others than this machine may ask; `null` where they may not. */
  readonly token: string | null;
  /** Ends all streams of events, and the trainings that were started from the page: each of them writes a checkpoint first. */
  close(): Promise<void>;
}
