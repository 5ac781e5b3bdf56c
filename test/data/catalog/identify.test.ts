import { expect, it } from "vitest";
import { loadDataset } from "../../../src/data/catalog/datasets.js";
import { identifyDataset } from "../../../src/data/catalog/identify.js";
import { createDataset } from "../../../src/data/dataset.js";
import { loadMnist } from "../../../src/data/readers/mnist.js";
import { DataFormatError } from "../../../src/errors.js";
import { writeSmallData } from "../../cli/small-data.js";
import { mnistDirectory } from "../../support/mnist.js";
import { temporaryFolder } from "../../support/temporary-folder.js";

const small = writeSmallData(temporaryFolder(), "small");

it.skipIf(mnistDirectory === null)(
  "MNIST is known by its labels, whatever its folder is called",
  async () => {
    const directory = mnistDirectory as string;
    const { train, test } = await loadMnist({ directory, split: "official" });
    expect(identifyDataset(train)).toBe("mnist");
    expect(identifyDataset(test)).toBe("mnist");
    await expect(loadDataset("fashion-mnist", { directory })).rejects.toThrow(
      new DataFormatError(`${directory} holds mnist, and not fashion-mnist; name mnist, or another folder.`),
    );
    const { rows } = (await loadDataset("mnist", { directory, split: "official" })).train;
    expect(rows).toEqual(train.rows);
  },
);

it("files of the right names with other labels are refused under a name whose sums are known", async () => {
  const labels = `${small} does not hold the labels of`;
  await expect(loadDataset("mnist", { directory: small })).rejects.toThrow(`${labels} mnist;`);
  await expect(loadDataset("fashion-mnist", { directory: small })).rejects.toThrow(
    `${labels} fashion-mnist;`,
  );
  await expect(loadDataset("kmnist", { directory: small })).resolves.toHaveProperty("train"); // Only compressed files have a known sum.
});

it("nothing is known of labels that only have the right number", () => {
  const count = 70_000;
  const images = new Uint8Array(count);
  const dataset = createDataset({ images, labels: new Uint8Array(count), imageShape: [1, 1], classes: 10 });
  expect(identifyDataset(dataset)).toBeUndefined();
});
