import { existsSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";

const directory =
  process.env.MNIST_NATIVE_TEST_DATA ?? fileURLToPath(new URL("../../../shared/mnist", import.meta.url));

/** The folder with the four MNIST files, or `null` where this machine has none: then skip the test with `it.skipIf`. */
export const mnistDirectory: string | null = ["train-images-idx3-ubyte.gz", "train-images-idx3-ubyte"].some(
  (name) => existsSync(join(directory, name)),
)
  ? directory
  : null;

if (mnistDirectory === null) {
  console.warn(
    `Tests on real MNIST are skipped: ${directory} does not hold it. Set MNIST_NATIVE_TEST_DATA to a folder that does.`,
  );
}
