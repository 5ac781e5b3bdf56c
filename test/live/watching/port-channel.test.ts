import { once } from "node:events";
import { MessageChannel, Worker } from "node:worker_threads";
import { describe, expect, it } from "vitest";
import type { TrainingCommand, TrainingMessage } from "../../../src/live/protocol.js";
import { portChannel } from "../../../src/live/watching/port-channel.js";

const end: TrainingMessage = { type: "end", state: "finished" };

describe("a channel to another thread", () => {
  it("carries messages, and a model without a copy of its memory", async () => {
    const { port1, port2 } = new MessageChannel();
    const channel = portChannel(port1);
    const bytes = Uint8Array.of(1, 2, 3);
    channel.send({ type: "model", epoch: 1, step: 2, bytes });
    expect(bytes.length).toBe(0);
    const [message] = (await once(port2, "message")) as [TrainingMessage];
    expect(message).toEqual({ type: "model", epoch: 1, step: 2, bytes: Uint8Array.of(1, 2, 3) });
    port2.close();
  });

  it("hears commands, and nothing else; the last listener alone hears them", async () => {
    const { port1, port2 } = new MessageChannel();
    const channel = portChannel(port1);
    const heard: string[] = [];
    channel.listen((command) => void heard.push(`first ${command}`));
    const all = new Promise<void>((resolve) => {
      channel.listen((command) => {
        heard.push(command);
        if (command === "stop") resolve();
      });
    });
    for (const message of [
      "pause",
      { type: "listening" },
      "toString",
      "explode",
      3,
      null,
      "step",
      "resume",
      "stop",
    ]) {
      port2.postMessage(message);
    }
    await all;
    expect(heard).toEqual(["pause", "step", "resume", "stop"]);
    port2.close();
  });

  it("lets a training go on when the other side is gone", async () => {
    const { port1, port2 } = new MessageChannel();
    const command = new Promise<TrainingCommand>((resolve) => portChannel(port1).listen(resolve));
    port2.close();
    expect(await command).toBe("resume");

    const worker = new Worker("setTimeout(() => {}, 1e6)", { eval: true });
    await once(worker, "online");
    const channel = portChannel(worker);
    const fromWorker = new Promise<TrainingCommand>((resolve) => channel.listen(resolve));
    await worker.terminate();
    expect(await fromWorker).toBe("resume");
    channel.send(end); // Nobody hears it, and nothing is thrown.
  });

  it("is silent when it is closed", async () => {
    const { port1, port2 } = new MessageChannel();
    const channel = portChannel(port1);
    const heard: string[] = [];
    channel.listen((command) => void heard.push(command));
    channel.close();
    channel.close();
    channel.send(end);
    channel.listen((command) => void heard.push(command));
    const messages: unknown[] = [];
    port2.on("message", (message) => messages.push(message));
    port2.postMessage("pause");
    await once(port2, "close");
    expect(messages).toEqual([]);
    expect(heard).toEqual([]);
  });
});
