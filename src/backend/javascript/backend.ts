import { allocate } from "../../system/memory.js";
import { checkListInk } from "../arguments.js";
import type { Backend, DType } from "../backend.js";
import { checkedBackend } from "../checked.js";
import { imageDescent, linearDescent } from "./descent.js";
import { dropout } from "./dropout.js";
import { elementwise, sgdUpdate } from "./elementwise.js";
import { gemm } from "./gemm.js";
import { imageGradient, imageLinear } from "./images.js";
import { loss } from "./losses.js";
import { normalizeBatch, normalizeBatchBackward, scaleColumns } from "./normalization.js";
import { argmaxRows, columnSums, gatherImages, gatherRows } from "./rows.js";
import { softmax } from "./softmax.js";
import { updates } from "./updates.js";

/**
 * The backend that runs everywhere: no addon, no WebAssembly, no threads. float32 results are computed in double and
 * rounded when they are stored.
 */
export function createJavaScriptBackend(): Backend {
  const facts = {
    name: "js",
    kernelSet: "javascript",
    threads: 1,
    allocate: (dtype: DType, length: number) =>
      allocate(() => (dtype === "float32" ? new Float32Array(length) : new Float64Array(length))),
    listInk: (images: Uint8Array, width: number) => {
      checkListInk(images, width);
      return null; // Nothing would be quicker.
    },
  } as const;
  return checkedBackend(facts, {
    ...elementwise,
    gemm,
    loss,
    dropout,
    normalizeBatch,
    normalizeBatchBackward,
    scaleColumns,
    gatherImages,
    gatherRows,
    imageLinear,
    imageGradient,
    linearDescent,
    imageDescent,
    columnSums,
    softmax,
    sgdUpdate,
    argmaxRows,
    ...updates,
  });
}
