/**
 * Networks in other programs' forms, there and back: `import { exportOnnx } from "mnist-native/interchange"`.
 *
 * What encodes a form is loaded with this module alone; training never loads it.
 *
 * @module mnist-native/interchange
 */
export { exportCsv } from "./export-csv.js";
export { importModel } from "./import-model.js";
export type { ImportOptions, PixelScale } from "./imported-model.js";
export { type ExportJavaScriptOptions, exportJavaScript } from "./javascript/export-javascript.js";
export type { ExportOptions } from "./model-description.js";
export { exportNpz } from "./numpy/export-npz.js";
export { importNpz } from "./numpy/import-npz.js";
export { type ExportOnnxOptions, exportOnnx, type OnnxInput } from "./onnx/export-onnx.js";
export type { ReadExternal } from "./onnx/external-data.js";
export { type ImportOnnxOptions, importOnnx } from "./onnx/import-onnx.js";
export type { ImportArraysOptions } from "./plain-parts.js";
export { type ExportPyTorchOptions, exportPyTorch, type PyTorchExport } from "./pytorch/export-pytorch.js";
export { importSafetensors } from "./pytorch/import-safetensors.js";
export type { Hyperparameter, Hyperparameters } from "./tensorboard/hyperparameters.js";
export { type TensorBoardOptions, tensorBoard } from "./tensorboard/tensorboard.js";
