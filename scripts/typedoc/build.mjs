// npm run docs
//
// Writes a page for everything that the package exports, with the guides of docs/ beside, to build/docs. It fails where a comment links
// to what is not there.
import { fileURLToPath } from "node:url";
import { Application, TSConfigReader } from "typedoc";
import { load } from "typedoc-plugin-missing-exports";

const root = fileURLToPath(new URL("../..", import.meta.url));
process.chdir(root);

const application = await Application.bootstrapWithPlugins(
  {
    entryPoints: [
      "src/index.ts",
      "src/report/index.ts",
      "src/live/index.ts",
      "src/interchange/index.ts",
      "src/sweeps/index.ts",
    ],
    tsconfig: "scripts/typedoc/tsconfig.json",
    // Types of options and results that have no name outside stand on the pages, too.
    plugin: [load],
    out: "build/docs",
    name: "mnist-native",
    readme: "docs/README.md",
    projectDocuments: ["docs/!(README).md"],
    highlightLanguages: ["bash", "javascript", "json", "python", "typescript", "yaml"],
    includeVersion: true,
    excludeInternal: true,
    excludePrivate: true,
    // Those of Node.js.
    excludeExternals: true,
    treatWarningsAsErrors: true,
    githubPages: false,
  },
  [new TSConfigReader()],
);
const project = await application.convert();
if (project === undefined) process.exit(1);
application.validate(project);
await application.generateOutputs(project);
if (application.logger.hasErrors() || application.logger.hasWarnings()) process.exit(1);
