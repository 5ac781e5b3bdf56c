import { MessagePort, type Worker } from "node:worker_threads";
import type { TrainingChannel } from "../channel.js";
import type { TrainingMessage } from "../protocol.js";
import { isTrainingCommand } from "./command.js";

/**
 * A channel to another thread: to a worker that was started, or by a port. A paused training goes on when the other side is gone.
 *
 * Neither keeps the process alive by it: who wants a worker to do so calls its `ref()` afterwards.
 */
export function portChannel(port: Worker | MessagePort): TrainingChannel {
  const isPort = port instanceof MessagePort;
  const gone = isPort ? "close" : "exit";
  let isClosed = false;
  let stopListening = () => {};
  port.unref();
  return {
    send(message) {
      if (!isClosed) port.postMessage(message, message.type === "model" ? [movable(message)] : []);
    },
    listen(listener) {
      stopListening();
      if (isClosed) return;
      const hear = (message: unknown) => {
        if (isTrainingCommand(message)) listener(message);
      };
      const goOn = () => listener("resume");
      port.on("message", hear);
      port.on(gone, goOn);
      // A port, unlike a worker, keeps the process alive for a listener.
      if (isPort) port.unref();
      stopListening = () => {
        port.off("message", hear);
        port.off(gone, goOn);
      };
    },
    close() {
      if (isClosed) return;
      isClosed = true;
      stopListening();
      if (isPort) port.close();
    },
  };
}

/** A model's memory changes hands and is not copied; what shares its memory with something else would take that along. */
function movable({ bytes }: TrainingMessage & { readonly type: "model" }): ArrayBuffer {
  return bytes.buffer as ArrayBuffer;
}
