import { type ChildProcess, fork, spawn } from "node:child_process";
import { once } from "node:events";
import { fileURLToPath } from "node:url";
import { describe, expect, it } from "vitest";
import type { TrainingMessage } from "../../../src/live/protocol.js";
import { type ProcessWithParent, processChannel } from "../../../src/live/watching/process-channel.js";
import { decodeModel } from "../../../src/training/model-file.js";
import { inShort } from "./recording-channel.js";

const program = fileURLToPath(new URL("programs/watched-child.mjs", import.meta.url));

const start = (...args: readonly string[]) =>
  fork(program, args, { serialization: "advanced", stdio: "inherit" });

/** All that a process sends until its end, and how it ends. */
async function messagesOf(child: ChildProcess, onMessage: (message: TrainingMessage) => void = () => {}) {
  const messages: TrainingMessage[] = [];
  child.on("message", (message) => {
    messages.push(message as TrainingMessage);
    onMessage(message as TrainingMessage);
  });
  const exit = once(child, "exit");
  if (child.connected) await once(child, "disconnect");
  const [code, signal] = await exit;
  return { messages, code, signal };
}

describe("a channel to the process that started this one", () => {
  it.each(["closes", "just ends"])(
    "carries all messages before it %s, and keeps nothing alive",
    async (task) => {
      const { messages, code, signal } = await messagesOf(start(task));
      expect([code, signal]).toEqual([0, null]);
      const told = inShort(messages);
      expect(told[0]).toBe("begin");
      expect(told.filter((what) => /^(epoch|end)/.test(what))).toEqual([
        "epoch 1",
        "epoch 2",
        "epoch 3",
        "end finished",
        "end finished",
      ]);
      expect(messages.at(-1)).toMatchObject({ type: "end", testAccuracy: 0.5 });
      const models = messages.flatMap((message) => (message.type === "model" ? [message] : []));
      expect(models.at(-1)?.step).toBe(3);
      expect(decodeModel(models.at(-1)?.bytes as Uint8Array).network.sizes).toEqual([16, 3, 4]);
    },
  );

  it("does not lose a large model that its process ends with", async () => {
    const hidden = 50_000; // 4 MB, which no pipe holds.
    const { messages, code } = await messagesOf(start("closes", String(hidden)));
    expect(code).toBe(0);
    const models = messages.flatMap((message) => (message.type === "model" ? [message] : []));
    expect(models.at(-1)?.step).toBe(3);
    expect(models.at(-1)?.bytes.length).toBeGreaterThan(hidden * 21 * 4);
    expect(inShort(messages)).toContain("end finished");
  });

  it("obeys", async () => {
    const child = start("pauses");
    const { messages, code } = await messagesOf(child, (message) => {
      if (message.type === "state" && message.state === "paused") child.send("resume");
    });
    expect(code).toBe(0);
    expect(inShort(messages).filter((what) => what.startsWith("state"))).toEqual([
      "state paused",
      "state training",
    ]);
  });

  it("lets a training go on that was paused when the other process is gone", async () => {
    const child = start("pauses");
    const { messages, code } = await messagesOf(child, (message) => {
      if (message.type === "state") child.disconnect();
    });
    // A model that waited for the one before it may still come; what is told after the pause does not.
    expect(inShort(messages).filter((what) => /^(state|end)/.test(what))).toEqual(["state paused"]);
    // All of its epochs, it says.
    expect(code).toBe(0);
  });

  it("lets it go on, too, when the other process was killed", async () => {
    const parent = spawn(
      process.execPath,
      [
        "-e",
        `const child = require("node:child_process").fork(${JSON.stringify(program)}, ["pauses"], {
          serialization: "advanced", stdio: ["ignore", 1, "inherit", "ipc"] });
        child.on("message", ({ type, state }) => { if (state === "paused") process.kill(process.pid, "SIGKILL"); });`,
      ],
      { stdio: ["ignore", "pipe", "inherit"] },
    );
    const exit = once(parent, "exit");
    // The pipe is open as long as the child has it: if it waited for ever, so would this.
    const end = once(parent.stdout.resume(), "end");
    expect(await exit).toEqual([null, "SIGKILL"]);
    await end;
  });

  it("leaves out samples that nobody takes, and all but the last of the models", () => {
    const sent: TrainingMessage[] = [];
    const written: (() => void)[] = [];
    let disconnects = 0;
    const channel = processChannel({
      send(message: TrainingMessage, _: unknown, __: unknown, callback: () => void) {
        sent.push(message);
        written.push(callback);
        return false;
      },
      connected: true,
      disconnect() {
        disconnects += 1;
      },
    } as unknown as ProcessWithParent);
    const sample = { type: "sample" } as TrainingMessage;
    const model = (step: number) => ({ type: "model", step }) as TrainingMessage;
    for (const step of [1, 2, 3]) channel.send(model(step));
    for (let i = 0; i < 500; i++) channel.send(sample);
    channel.send({ type: "end", state: "finished" });
    expect(inShort(sent)).toEqual(["model 1", ...Array(99).fill("sample"), "end finished"]);
    channel.close();
    expect(disconnects).toBe(0);
    for (const callback of written.splice(0)) callback();
    expect(inShort(sent).at(-1)).toBe("model 3");
    expect(disconnects).toBe(0);
    for (const callback of written.splice(0)) callback();
    expect(disconnects).toBe(1);
    channel.send(sample);
    expect(sent).toHaveLength(102);
  });

  it("needs one", () => {
    const alone = { connected: false } as ProcessWithParent;
    expect(() => processChannel(alone)).toThrow(
      "Expected a process that was started with an IPC channel, for a training that tells how it goes; start it by fork of node:child_process.",
    );
  });
});
