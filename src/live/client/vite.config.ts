import { fileURLToPath } from "node:url";
import { defineConfig } from "vite";
import { licences } from "./licences.js";

const { ofPage, ofWorker } = licences("LICENSES.md");

/** The live page: files that the package carries and serves itself, by relative addresses, as it may be mounted anywhere. */
export default defineConfig({
  root: fileURLToPath(new URL(".", import.meta.url)),
  base: "./",
  logLevel: "warn",
  build: {
    outDir: fileURLToPath(new URL("../../../dist/live/client", import.meta.url)),
    emptyOutDir: true,
    // The page's policy allows no data: scripts or styles, and everything small stays a file.
    assetsInlineLimit: 0,
    modulePreload: { polyfill: false },
    target: "es2022",
    // How long each plugin took says nothing about the page, and on a busy machine it would be told after every build.
    rolldownOptions: { checks: { bundlerTimings: false } },
  },
  plugins: [ofPage],
  worker: { format: "es", plugins: () => [ofWorker()] },
});
