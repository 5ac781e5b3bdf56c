import { describe, expect, it } from "vitest";
import { createJavaScriptBackend } from "../../src/backend/javascript/backend.js";
import { backendContract, sameBits } from "./contract.js";

backendContract("the JavaScript backend", createJavaScriptBackend);

// All instances share their working memory: the second comes after, the first before the calls of the other.
sameBits("two JavaScript backends give the same bits", createJavaScriptBackend, createJavaScriptBackend);

describe("createJavaScriptBackend", () => {
  it("makes a backend that runs on one thread", () => {
    expect(createJavaScriptBackend()).toMatchObject({ name: "js", kernelSet: "javascript", threads: 1 });
  });
});
