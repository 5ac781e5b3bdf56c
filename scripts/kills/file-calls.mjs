// Stands between a program and the files beneath a folder: every call that changes one can be counted, ended within, or made to fail.
import fs from "node:fs";
import { syncBuiltinESMExports } from "node:module";
import { resolve, sep } from "node:path";

/**
 * @typedef {object} FileCall
 * @property {string} name Of the function, such as `rename`; those of an open file begin with `file.`.
 * @property {string} path
 * @property {boolean} writes Whether it takes bytes, of which a part could be written.
 * @property {boolean} reads Whether it only opens what is there.
 */

/** Functions of node:fs/promises, whose first argument is a path. */
const PROMISED = ["mkdir", "mkdtemp", "rename", "link", "rm", "rmdir", "readdir"];
/** Functions of node:fs. */
const AT_ONCE = ["writeFileSync", "renameSync", "rmSync"];
const WRITING = fs.constants.O_WRONLY | fs.constants.O_RDWR;
/** Functions of an open file. */
const OF_A_FILE = ["write", "sync", "close", "chmod"];

/**
 * Gives every such call to `intercept`, which makes it by `proceed`, or does not.
 *
 * @param {string} folder
 * @param {(call: FileCall, proceed: (share?: number) => unknown) => unknown} intercept `proceed(0.5)` writes half of the bytes.
 * @returns {() => void} Puts the functions back.
 */
export function interceptFileCalls(folder, intercept) {
  const root = resolve(folder);
  const isWithin = (path) => resolve(path) === root || resolve(path).startsWith(root + sep);
  const originals = [];
  const patch = (object, name, make) => {
    const original = object[name];
    originals.push(() => {
      object[name] = original;
    });
    object[name] = make(original);
  };
  const watch = (object, name) =>
    patch(
      object,
      name,
      (original) =>
        function watched(path, ...others) {
          if (!isWithin(String(path))) return original.call(object, path, ...others);
          const writes = name === "writeFileSync";
          const proceed = (share = 1) =>
            writes && share < 1
              ? original.call(object, path, part(others[0], share), ...others.slice(1))
              : original.call(object, path, ...others);
          return intercept({ name, path: String(path), writes, reads: name === "readdir" }, proceed);
        },
    );
  for (const name of PROMISED) watch(fs.promises, name);
  for (const name of AT_ONCE) watch(fs, name);
  patch(
    fs.promises,
    "open",
    (open) =>
      async function watchedOpen(path, ...others) {
        if (!isWithin(String(path))) return open.call(fs.promises, path, ...others);
        const proceed = () => open.call(fs.promises, path, ...others);
        const [flags = "r"] = others;
        const reads = flags === "r" || (typeof flags === "number" && (flags & WRITING) === 0);
        const file = await intercept({ name: "open", path: String(path), writes: false, reads }, proceed);
        return watchFile(file, { path: String(path), reads }, intercept);
      },
  );
  syncBuiltinESMExports();
  return () => {
    for (const restore of originals) restore();
    syncBuiltinESMExports();
  };
}

function watchFile(file, { path, reads }, intercept) {
  for (const name of OF_A_FILE) {
    const original = file[name].bind(file);
    const writes = name === "write";
    file[name] = (...args) => {
      const [bytes, start = 0, length = bytes?.length - start, ...others] = args;
      const proceed = (share = 1) =>
        writes && share < 1
          ? original(bytes, start, Math.max(1, Math.floor(length * share)), ...others)
          : original(...args);
      return intercept({ name: `file.${name}`, path, writes, reads }, proceed);
    };
  }
  return file;
}

function part(data, share) {
  return data.slice(0, Math.floor(data.length * share));
}
