/**
 * The live page, from a program: `import { liveView } from "mnist-native/live"`.
 *
 * `liveView` shows a training while it goes on; `createServer` shows runs, those that are over and those that are started from the page, as a
 * part of a server of one's own.
 *
 * @module mnist-native/live
 */

export { type CreateServerOptions, createServer } from "./server/create-server.js";
export type { LiveServer } from "./server/live-server.js";
export { type LiveView, type LiveViewOptions, liveView } from "./watching/live-view.js";
export type { TrainingEnd } from "./watching/watch-training.js";
