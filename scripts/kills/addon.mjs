import { loadAddon } from "../../dist/backend/addon.js";

/** Whether this machine has the native backend. */
export const hasAddon = loadAddon().addon !== null;
