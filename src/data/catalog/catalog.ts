import { InvalidArgumentError } from "../../errors.js";
import type { IdxKind } from "../../formats/idx.js";
import { MNIST_SHA256 } from "../readers/mnist.js";
import { MNIST_FILE_NAMES, mapQuartet, type Quartet } from "../readers/quartet.js";

/** The data sets that can be had by name. */
export const DATASET_NAMES = [
  "mnist",
  "fashion-mnist",
  "kmnist",
  "emnist-digits",
  "emnist-letters",
  "emnist-balanced",
  "qmnist",
] as const;

export type DatasetName = (typeof DATASET_NAMES)[number];

/** What is known of a data set before a byte of it has been read. */
export interface CatalogEntry {
  readonly name: DatasetName;
  /** One line that says what the images show. */
  readonly title: string;
  readonly homepage: string;
  /** One line that says who holds the rights and what is allowed. */
  readonly licence: string;
  /** A name for each class. */
  readonly classNames: readonly string[];
  readonly trainCount: number;
  readonly testCount: number;
  readonly files: Quartet<DatasetFile>;
  /** Addresses of folders that hold the files, each with `.gz`, or the archive; tried in this order. */
  readonly mirrors: readonly string[];
  /** The one file in which the mirrors hold all the others. */
  readonly archive?: DatasetArchive;
  /** The folder in which torchvision keeps the files, below its root. */
  readonly torchvisionFolder: string;
  /** Default: `labels`. */
  readonly labelKind?: Exclude<IdxKind, "images">;
  /** The label that stands for the first class. Default: 0. */
  readonly firstLabel?: number;
  /** Whether the files hold each image column by column. Default: `false`. */
  readonly transposed?: boolean;
}

export interface DatasetFile {
  /** Without `.gz`. */
  readonly name: string;
  /** SHA-256 of the decompressed file, where it is known. */
  readonly sha256?: string;
  /** The sum of the compressed file as its mirrors serve it, where that is known and the other is not. */
  readonly published?: PublishedSum;
}

export interface PublishedSum {
  readonly algorithm: "sha256" | "md5";
  /** Hexadecimal. */
  readonly digest: string;
}

export interface DatasetArchive {
  readonly name: string;
  /** The folder inside, with a final slash, that holds the files, each with `.gz`. */
  readonly folder: string;
  readonly byteLength: number;
  readonly published: PublishedSum;
}

const DIGITS = [..."0123456789"];
const CAPITALS = [..."ABCDEFGHIJKLMNOPQRSTUVWXYZ"];

const EMNIST = {
  homepage: "https://www.nist.gov/itl/products-and-services/emnist-dataset",
  licence:
    "No licence is stated. Made by G. Cohen, S. Afshar, J. Tapson and A. van Schaik (2017) from NIST Special Database 19, a work of the US government.",
  mirrors: [
    "https://biometrics.nist.gov/cs_links/EMNIST/",
    "https://www.itl.nist.gov/iaui/vip/cs_links/EMNIST/",
  ],
  archive: {
    name: "gzip.zip",
    folder: "gzip/",
    byteLength: 561_753_746,
    // Recorded by TensorFlow Datasets.
    published: sha256("fb9bb67e33772a9cc0b895e4ecf36d2cf35be8b709693c3564cea2a019fcda8e"),
  },
  torchvisionFolder: "EMNIST/raw",
  transposed: true,
} as const;

const ENTRIES: Readonly<Record<DatasetName, Omit<CatalogEntry, "name">>> = {
  mnist: {
    title: "Handwritten digits",
    homepage: "http://yann.lecun.com/exdb/mnist/",
    licence: "CC BY-SA 3.0, Yann LeCun and Corinna Cortes.",
    classNames: DIGITS,
    trainCount: 60_000,
    testCount: 10_000,
    files: mapQuartet(MNIST_FILE_NAMES, (name) => ({ name, sha256: MNIST_SHA256[name] })),
    mirrors: [
      "https://ossci-datasets.s3.amazonaws.com/mnist/",
      "https://storage.googleapis.com/cvdf-datasets/mnist/",
    ],
    torchvisionFolder: "MNIST/raw",
  },
  "fashion-mnist": {
    title: "Articles of clothing",
    homepage: "https://github.com/zalandoresearch/fashion-mnist",
    licence: "MIT, Zalando SE.",
    classNames: [
      "T-shirt/top",
      "Trouser",
      "Pullover",
      "Dress",
      "Coat",
      "Sandal",
      "Shirt",
      "Sneaker",
      "Bag",
      "Ankle boot",
    ],
    trainCount: 60_000,
    testCount: 10_000,
    // Of Debian's copy, whose compressed data are those of the published files, byte for byte.
    files: filesOf(MNIST_FILE_NAMES, {
      trainImages: { sha256: "c59f468a2f672dc815687fe0f83887768d799fd8a3f3276145d20f83aa44d888" },
      trainLabels: { sha256: "bad3541b69d912435c50bb6ba87bec294ff4f6a2e1246121d8633921760443d9" },
      testImages: { sha256: "5b4141f0afbad91edebe8549f8fcffe087ea10ca49f1dbef5c9a5cd8815ce37b" },
      testLabels: { sha256: "0402a96d92fd2663957122ceb108a494c5af83dab82d92729df917d7dec38c34" },
    }),
    mirrors: [
      "http://fashion-mnist.s3-website.eu-central-1.amazonaws.com/",
      "https://storage.googleapis.com/tensorflow/tf-keras-datasets/",
      "https://raw.githubusercontent.com/zalandoresearch/fashion-mnist/master/data/fashion/",
    ],
    torchvisionFolder: "FashionMNIST/raw",
  },
  kmnist: {
    title: "Cursive Japanese characters (Kuzushiji)",
    homepage: "http://codh.rois.ac.jp/kmnist/",
    licence: "CC BY-SA 4.0, “KMNIST Dataset” by CODH, adapted from “Kuzushiji Dataset” by NIJL and others.",
    classNames: ["o", "ki", "su", "tsu", "na", "ha", "ma", "ya", "re", "wo"],
    trainCount: 60_000,
    testCount: 10_000,
    // Recorded by TensorFlow Datasets.
    files: filesOf(MNIST_FILE_NAMES, {
      trainImages: { published: sha256("51467d22d8cc72929e2a028a0428f2086b092bb31cfb79c69cc0a90ce135fde4") },
      trainLabels: { published: sha256("e38f9ebcd0f3ebcdec7fc8eabdcdaef93bb0df8ea12bee65224341c8183d8e17") },
      testImages: { published: sha256("edd7a857845ad6bb1d0ba43fe7e794d164fe2dce499a1694695a792adfac43c5") },
      testLabels: { published: sha256("20bb9a0ef54c7db3efc55a92eef5582c109615df22683c380526788f98e42a1c") },
    }),
    mirrors: [
      "https://codh.rois.ac.jp/kmnist/dataset/kmnist/",
      "http://codh.rois.ac.jp/kmnist/dataset/kmnist/",
    ],
    torchvisionFolder: "KMNIST/raw",
  },
  "emnist-digits": {
    ...EMNIST,
    title: "Handwritten digits, four times as many as MNIST",
    classNames: DIGITS,
    trainCount: 240_000,
    testCount: 40_000,
    files: emnistFiles("digits"),
  },
  "emnist-letters": {
    ...EMNIST,
    title: "Handwritten letters, capital and small ones in one class",
    classNames: CAPITALS,
    trainCount: 124_800,
    testCount: 20_800,
    files: emnistFiles("letters"),
    firstLabel: 1,
  },
  "emnist-balanced": {
    ...EMNIST,
    title: "Handwritten digits and letters; small letters that look like capitals share their class",
    classNames: [...DIGITS, ...CAPITALS, ..."abdefghnqrt"],
    trainCount: 112_800,
    testCount: 18_800,
    files: emnistFiles("balanced"),
  },
  qmnist: {
    title: "MNIST made anew from its source, with all 60,000 test digits",
    homepage: "https://github.com/facebookresearch/qmnist",
    licence: "BSD, Facebook, Inc. and its affiliates.",
    classNames: DIGITS,
    trainCount: 60_000,
    testCount: 60_000,
    // Of the images, recorded by torchvision.
    files: {
      trainImages: {
        name: "qmnist-train-images-idx3-ubyte",
        published: md5("ed72d4157d28c017586c42bc6afe6370"),
      },
      trainLabels: {
        name: "qmnist-train-labels-idx2-int",
        sha256: "bb1b6e1ec7b04fd5696f1ed50b5f58f8ef195118edd5c93c81783df9740b8ac5",
      },
      testImages: {
        name: "qmnist-test-images-idx3-ubyte",
        published: md5("1394631089c404de565df7b7aeaf9412"),
      },
      testLabels: {
        name: "qmnist-test-labels-idx2-int",
        sha256: "92d0ccb8c25f9c6534270fb4be7e1d24a1c6d315edfc8a638bfbd31c70f362dd",
      },
    },
    mirrors: ["https://raw.githubusercontent.com/facebookresearch/qmnist/master/"],
    torchvisionFolder: "QMNIST/raw",
    labelKind: "extended-labels",
  },
};

/**
 * What is known of a data set.
 *
 * @throws InvalidArgumentError when there is none of this name.
 */
export function catalogEntry(name: string): CatalogEntry {
  const known = DATASET_NAMES.find((candidate) => candidate === name);
  if (known === undefined) {
    throw new InvalidArgumentError(
      `Expected the name of a data set, one of ${DATASET_NAMES.join(", ")}, but received ${name}.`,
    );
  }
  return { name: known, ...ENTRIES[known] };
}

/** The data sets whose files come in the same archive, `entry` among them. */
export function entriesOfArchive(entry: CatalogEntry): readonly CatalogEntry[] {
  const others = DATASET_NAMES.map(catalogEntry).filter(
    ({ name, archive }) =>
      name !== entry.name && archive !== undefined && archive.name === entry.archive?.name,
  );
  return [entry, ...others];
}

/** What the file in each place of a data set must hold. */
export function fileKinds({ labelKind = "labels" }: CatalogEntry): Quartet<IdxKind> {
  return { trainImages: "images", trainLabels: labelKind, testImages: "images", testLabels: labelKind };
}

/**
 * The most bytes that a mirror's copy of a file may have. Where it cannot be compressed, gzip adds five bytes to every block and
 * a header, in which a name and a comment may stand.
 */
export function largestCopy(entry: CatalogEntry, place: keyof Quartet<DatasetFile>): number {
  const bytesPerExample = { images: 28 * 28, labels: 1, "extended-labels": 8 * 4 }[fileKinds(entry)[place]];
  const examples = place === "trainImages" || place === "trainLabels" ? entry.trainCount : entry.testCount;
  return Math.ceil(1.01 * examples * bytesPerExample) + 65_536;
}

function filesOf(names: Quartet<string>, sums: Quartet<Omit<DatasetFile, "name">>): Quartet<DatasetFile> {
  return mapQuartet(names, (name, place) => ({ name, ...sums[place] }));
}

function emnistFiles(part: string): Quartet<DatasetFile> {
  return {
    trainImages: { name: `emnist-${part}-train-images-idx3-ubyte` },
    trainLabels: { name: `emnist-${part}-train-labels-idx1-ubyte` },
    testImages: { name: `emnist-${part}-test-images-idx3-ubyte` },
    testLabels: { name: `emnist-${part}-test-labels-idx1-ubyte` },
  };
}

function sha256(digest: string): PublishedSum {
  return { algorithm: "sha256", digest };
}

function md5(digest: string): PublishedSum {
  return { algorithm: "md5", digest };
}
