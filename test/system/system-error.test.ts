import { getSystemErrorMap } from "node:util";
import { gunzipSync } from "node:zlib";
import { describe, expect, it } from "vitest";
import { FileAccessError, OutOfMemoryError, OutputError } from "../../src/errors.js";
import { asFileAccessError, asOutputError } from "../../src/system/system-error.js";

/** As Node.js makes them; the numbers are the platform's. */
function systemError(code: string): Error {
  const [errno] = [...getSystemErrorMap()].find(([, [name]]) => name === code) ?? [];
  return Object.assign(new Error(`${code}: bad`), { code, errno });
}

describe("errors of the system", () => {
  it.each([
    ["EACCES", "/data cannot be read: you have no permission to read it."],
    ["ENOENT", "/data cannot be read: there is no such file."],
    ["ENOTDIR", "/data cannot be read: a part of its path is a file, not a folder."],
    ["EIO", "/data cannot be read: i/o error."],
  ])("say what they mean for reading: %s", (code, message) => {
    const cause = systemError(code);
    const error = asFileAccessError(cause, "/data");
    expect(error).toBeInstanceOf(FileAccessError);
    expect(error).toMatchObject({ message, cause });
  });

  it("give advice where there is some", () => {
    const error = asFileAccessError(systemError("ENOENT"), "The model a", "name another");
    expect(error).toMatchObject({
      message: "The model a cannot be read: there is no such file; name another.",
    });
  });

  it.each([
    ["ENOSPC", "/data cannot be written: the disk is full; name another place."],
    ["EIO", "/data cannot be written: i/o error; name another place."],
  ])("say what they mean for writing: %s", (code, message) => {
    const error = asOutputError(systemError(code), "/data");
    expect(error).toBeInstanceOf(OutputError);
    expect(error).toMatchObject({ message });
  });

  it.each(["EMFILE", "ENFILE"])("that have nothing to do with the file say so: %s", (code) => {
    const cause = systemError(code);
    for (const error of [asFileAccessError(cause, "/data", "name another"), asOutputError(cause, "/data")]) {
      expect(error).toBeInstanceOf(FileAccessError);
      expect(error).toMatchObject({
        cause,
        message: expect.stringMatching(/^This process may not open .* ulimit -n/),
      });
    }
  });

  it.each([
    ["ENOMEM", () => systemError("ENOMEM")],
    ["an array", () => thrownBy(() => new ArrayBuffer(2 ** 52))],
    ["an array longer than any", () => thrownBy(() => new Float32Array(2 ** 40))],
  ])("of a lack of memory are an OutOfMemoryError: %s", (_, make) => {
    const error = asFileAccessError(make(), "/data");
    expect(error).toBeInstanceOf(OutOfMemoryError);
    expect(error).toMatchObject({
      code: "ERR_OUT_OF_MEMORY",
      message: expect.stringMatching(/^There is not enough/),
    });
  });

  it.each([
    ["an error of the program", () => new TypeError("x is not a function")],
    ["nothing", () => null],
    ["a text", () => "stop"],
    ["a missing package", () => Object.assign(new Error("no x"), { code: "ERR_MODULE_NOT_FOUND" })],
    ["a number out of range", () => thrownBy(() => (1).toFixed(101))],
    ["an error of zlib, which has numbers of its own", zlibError],
  ])("are not seen in %s", (_, make) => {
    const error = make();
    expect(asFileAccessError(error, "/data")).toBe(error);
    expect(asOutputError(error, "/data")).toBe(error);
  });
});

function zlibError(): unknown {
  return thrownBy(() => gunzipSync(Buffer.from("not compressed")));
}

function thrownBy(action: () => unknown): unknown {
  try {
    return action();
  } catch (error) {
    return error;
  }
}
