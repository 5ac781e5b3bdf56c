import {
  checkArgmaxRows,
  checkColumnSums,
  checkGatherRows,
  checkGemm,
  checkImageGradient,
  checkImageLinear,
  checkOutputDelta,
  checkSgdUpdate,
  checkSigmoid,
  checkSigmoidBackward,
  checkSquaredError,
} from "../arguments.js";
import type { Backend } from "../backend.js";
import { sgdUpdate, sigmoid, sigmoidBackward } from "./elementwise.js";
import { gemm } from "./gemm.js";
import { imageGradient, imageLinear } from "./images.js";
import { outputDelta, squaredError } from "./losses.js";
import { argmaxRows, columnSums, gatherRows } from "./rows.js";

/**
 * The backend that runs everywhere: no addon, no WebAssembly, no threads. float32 results are computed in double and
 * rounded when they are stored.
 */
export function createJavaScriptBackend(): Backend {
  return {
    name: "js",
    kernelSet: "javascript",
    threads: 1,
    gemm(args) {
      checkGemm(args);
      gemm(args);
    },
    sigmoid(x, out) {
      checkSigmoid(x, out);
      sigmoid(x, out);
    },
    sigmoidBackward(upstream, a, out) {
      checkSigmoidBackward(upstream, a, out);
      sigmoidBackward(upstream, a, out);
    },
    outputDelta(args) {
      checkOutputDelta(args);
      outputDelta(args);
    },
    squaredError(args) {
      checkSquaredError(args);
      squaredError(args);
    },
    gatherRows(args) {
      checkGatherRows(args);
      gatherRows(args);
    },
    imageLinear(args) {
      checkImageLinear(args);
      imageLinear(args);
    },
    imageGradient(args) {
      checkImageGradient(args);
      imageGradient(args);
    },
    columnSums(args) {
      checkColumnSums(args);
      columnSums(args);
    },
    sgdUpdate(parameter, gradient, learningRate) {
      checkSgdUpdate(parameter, gradient, learningRate);
      sgdUpdate(parameter, gradient, learningRate);
    },
    argmaxRows(args) {
      checkArgmaxRows(args);
      argmaxRows(args);
    },
  };
}
