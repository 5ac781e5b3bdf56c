// What the parts of the live page say to each other: a training to the server of its page, and that server to the page. Types and names
// alone, so that the page can import them. All of it is JSON but for a model's bytes; a number that is not finite is `null`.

/** A number as JSON can hold it: `null` where it is not finite, or not known. */
export type Figure = number | null;

// From a training to its server, by a message to a worker or to a parent process.

/** What a training tells the server of its page. */
export type TrainingMessage =
  | { readonly type: "begin"; readonly training: TrainingFacts }
  | { readonly type: "sample"; readonly sample: Sample }
  /** Those that have ended since the last such message: a small network has thousands in a second. */
  | { readonly type: "epochs"; readonly epochs: readonly EpochPoint[] }
  /** A model file, as it was after `step`: what pictures are drawn and digits recognised by. */
  | { readonly type: "model"; readonly epoch: number; readonly step: number; readonly bytes: Uint8Array }
  | { readonly type: "state"; readonly state: "training" | "paused" | "stopping" }
  /** May come twice: when the last epoch is over, and when the network has been tested. */
  | {
      readonly type: "end";
      readonly state: EndState;
      readonly reason?: string;
      readonly testAccuracy?: Figure;
    };

/** How a training ended: by its last epoch or a callback, by somebody's wish, or by an error, whose sentence is the reason. */
export type EndState = "finished" | "stopped" | "failed";

/** What the page may ask of a training: `step` is to go on for one epoch and pause. */
export type TrainingCommand = "pause" | "resume" | "step" | "stop";

/** What stays the same in a training. */
export interface TrainingFacts {
  readonly epochs: number;
  readonly stepsPerEpoch: number;
  readonly examplesPerEpoch: number;
  /** Epochs that it has had, of a training that was resumed. */
  readonly history: readonly EpochPoint[];
  /** Such as `784-50-10`. */
  readonly network: string;
  /** Names of the layers that have parameters, such as `layers.0`: what the norms of a {@link Sample} belong to. */
  readonly layers: readonly string[];
  /** A loss's short name, such as `MSE`. */
  readonly loss: string;
  /** Such as `adam`. */
  readonly optimizer: string;
}

/** A moment of a training, at most ten a second. */
export interface Sample {
  /** Steps taken in all. */
  readonly step: number;
  /** Counted from 1. */
  readonly epoch: number;
  /** Mean over the last minibatch. */
  readonly loss: Figure;
  readonly learningRate: Figure;
  /** Since the sample before. */
  readonly examplesPerSecond: Figure;
  /** Since the training began, pauses left out. */
  readonly seconds: number;
  /** Seconds that are left at this pace. */
  readonly secondsLeft: Figure;
  /** L2 norms of all gradients of each of the layers, by the last minibatch. */
  readonly gradientNorms: readonly Figure[];
  /** L2 norms of all parameters of each of the layers. */
  readonly weightNorms: readonly Figure[];
}

/** A finished epoch, as `EpochMetrics` has it. */
export interface EpochPoint {
  readonly epoch: number;
  readonly step: Figure;
  readonly trainLoss: Figure;
  readonly trainAccuracy: Figure;
  readonly validLoss: Figure;
  readonly validAccuracy: Figure;
  readonly learningRate: Figure;
  readonly seconds: number;
}

// From the server to the page.

/**
 * `elsewhere`: another process keeps it, which this server cannot steer; `interrupted`: its folder has no end of it, and nobody goes on;
 * `imported`: its network was made by another program.
 */
export type RunState =
  | "starting"
  | "training"
  | "paused"
  | "stopping"
  | "elsewhere"
  | "interrupted"
  | "imported"
  | EndState;

/** What the data set of a run is called that learns from drawings which were made on the page. */
export const OWN_DRAWINGS = "your drawings";

/** What a list says of a run, or of a model that came without one. */
export interface RunSummary {
  /** Letters, digits and dashes: what addresses call it. */
  readonly id: string;
  readonly name: string;
  readonly state: RunState;
  /** Why it ended, or what went wrong: a sentence. */
  readonly reason: string | null;
  /** What else is to be known of it: a sentence, such as that its data are others than were asked for. */
  readonly notice: string | null;
  /** When it began, in ISO 8601; of a model without a run, when its file was written. */
  readonly startedAt: string;
  readonly network: string;
  /** Such as `mnist`, or {@link OWN_DRAWINGS}; `null` where nobody knows. */
  readonly dataset: string | null;
  readonly loss: string;
  /** Asked for, and finished. */
  readonly epochs: number;
  readonly epoch: number;
  /** 0 to 1. */
  readonly validAccuracy: Figure;
  readonly testAccuracy: Figure;
  /** Whether anything can be asked of it from here: to pause, go on, step and stop, or while it is starting to stop. */
  readonly isSteerable: boolean;
  /** Whether it was interrupted, and `resume` goes on from its checkpoint in a process of its own. */
  readonly canGoOn: boolean;
  /** The command that goes on with it, where it was interrupted and the page is for this machine alone; else `null`. */
  readonly goOnCommand: string | null;
  /** Whether there is a model by now. */
  readonly hasModel: boolean;
  /** Whether its network reads images and tells classes apart, so that one can draw for it and look at its images. */
  readonly readsImages: boolean;
  /** Its settings in words, in the order in which they are to be shown. */
  readonly settings: Readonly<Record<string, string>>;
}

/** All that curves are drawn from. */
export interface RunDetail {
  readonly run: RunSummary;
  readonly layers: readonly string[];
  readonly stepsPerEpoch: Figure;
  /** In order, and thinned where there were too many. */
  readonly samples: readonly Sample[];
  readonly epochs: readonly EpochPoint[];
  /** Grows with each model: pictures of another one are to be fetched anew. 0 where there is none. */
  readonly modelVersion: number;
  /** Epochs that this model has learned for; `null` where that is not known, as of the best one that a run has kept. */
  readonly modelEpoch: Figure;
  /** The last event that is part of it. */
  readonly lastEventId: number;
}

/**
 * An event of `GET api/events`. Its id is one more than that of the event before; a server that is started anew begins with another. An
 * event named `reset` instead says that what is missing is not kept any more: all is to be asked for again, and the events go on after it.
 */
export type LiveEvent =
  /** There is a new run, or what its summary says has changed. */
  | { readonly type: "run"; readonly run: RunSummary }
  | { readonly type: "gone"; readonly id: string }
  /** What a new run may be has changed: data have come, or gone. */
  | { readonly type: "starting"; readonly starting: StartChoices }
  | { readonly type: "sample"; readonly id: string; readonly sample: Sample }
  | { readonly type: "epochs"; readonly id: string; readonly epochs: readonly EpochPoint[] }
  | { readonly type: "model"; readonly id: string; readonly epoch: Figure; readonly modelVersion: number };

/** `GET api/overview`: what the page begins with. */
export interface Overview {
  readonly version: string;
  /** The newest first. */
  readonly runs: readonly RunSummary[];
  /** What a new run may be; `null` where none can be started from here. */
  readonly starting: StartChoices | null;
  /** The last event that is part of it. */
  readonly lastEventId: number;
}

/** `here`: on this machine; `download`: it is fetched first; `missing`: it is not here, and downloads are forbidden. */
export type DatasetState = "here" | "download" | "missing";

/** What the form for a new run offers. */
export interface StartChoices {
  readonly datasets: readonly {
    readonly name: string;
    readonly title: string;
    readonly state: DatasetState;
  }[];
  readonly activations: readonly string[];
  readonly losses: readonly string[];
  readonly optimizers: readonly string[];
  readonly bounds: {
    /** At most so many hidden layers of so many units. */
    readonly layers: number;
    readonly units: readonly [least: number, most: number];
    readonly learningRate: readonly [least: number, most: number];
    readonly batchSize: readonly [least: number, most: number];
    readonly epochs: readonly [least: number, most: number];
  };
  /** By their names; the first is what the form begins with. None of them takes data that are missing. */
  readonly presets: readonly {
    readonly name: string;
    readonly title: string;
    readonly settings: StartSettings;
  }[];
}

/** The body of `POST api/runs`. */
export interface StartSettings {
  readonly dataset: string;
  /** Units of the hidden layers, from the inputs on. */
  readonly hidden: readonly number[];
  readonly activation: string;
  readonly loss: string;
  readonly optimizer: string;
  readonly learningRate: number;
  readonly batchSize: number;
  readonly epochs: number;
  readonly seed: number;
  /** Whether images are shifted, turned and bent a little as they are learned. */
  readonly augment: boolean;
}

/** What every error says: a sentence for a person. */
export interface ErrorBody {
  readonly error: { readonly code: string; readonly message: string };
}

// What a model makes of pictures.

/** `POST api/runs/ID/recognise?width=W&height=H`, its body W x H gray bytes row by row: 0 is black. */
export interface Recognition {
  /** Of the model that has recognised it. */
  readonly modelVersion: number;
  /** `null` where there is nothing to recognise, of which `notes` say why. */
  readonly predicted: number | null;
  /** Of each class, in order. */
  readonly classes: readonly { readonly name: string; readonly share: Figure }[];
  /** What the shares are: those of a softmax add up to 1, those of sigmoids need not, others are just numbers. */
  readonly kind: "probability" | "activation" | "output";
  /** What the network reads, as it was made of the picture. */
  readonly input: DrawnImage | null;
  /** Of each layer but the last, in order. */
  readonly hidden: readonly HiddenActivations[];
  /** For the class that was found: gradient times input of its output before the softmax or sigmoid, red for, blue against. */
  readonly explanation: { readonly uri: string; readonly limit: number } | null;
  readonly notes: readonly string[];
}

/** An image of the size that a network reads. */
export interface DrawnImage {
  readonly width: number;
  readonly height: number;
  /** A PNG, dark ink on light paper, as a data URI. */
  readonly uri: string;
  /** The gray bytes row by row in base64, bright ink on dark ground as in MNIST. */
  readonly pixels: string;
}

export interface HiddenActivations {
  /** Such as `50 sigmoid units`. */
  readonly name: string;
  readonly units: number;
  /** Of the first of them. */
  readonly activations: readonly Figure[];
  /** The largest that the layer's activation can be, or that there is: what is brightest. */
  readonly largest: number;
}

export type Part = "train" | "validation" | "test";

/** `GET api/runs/ID/images?part&class&verdict&order&from&count`: what can be asked for. */
export interface ImagesQuery {
  readonly part: Part;
  /** Those of this class alone. */
  readonly trueClass?: number;
  readonly verdict?: "right" | "wrong";
  /** By number, the first first; or by how sure the network is. */
  readonly order: "number" | "least-sure" | "most-sure";
  /** Leaves out so many. */
  readonly from: number;
  readonly count: number;
}

export interface ImagesPage {
  readonly modelVersion: number;
  readonly part: Part;
  /** Parts that there are to look at, and how many images each has. */
  readonly parts: readonly { readonly part: Part; readonly count: number }[];
  readonly classNames: readonly string[];
  /** How many there are of the kind that was asked for. */
  readonly total: number;
  readonly images: readonly LookedAtImage[];
}

export interface LookedAtImage {
  readonly part: Part;
  /** Place in its part, from 0: of the test set, what `predict --row` takes. */
  readonly position: number;
  readonly trueClass: number;
  readonly predicted: number;
  /** 0 to 1; `null` where the outputs do not say how sure the network is. */
  readonly confidence: Figure;
  /** A PNG as a data URI, dark ink on light paper. */
  readonly uri: string;
}

/** `GET api/runs/ID/images/PART/POSITION`. */
export interface ImageInDetail {
  readonly image: LookedAtImage;
  readonly recognition: Recognition;
}

/** `GET api/runs/ID/images/PART/POSITION/nearest?count`: training images whose activations in the last hidden layer are nearest. */
export interface Neighbours {
  readonly modelVersion: number;
  readonly layer: string;
  /** How many training images were searched. */
  readonly searched: number;
  readonly neighbours: readonly (LookedAtImage & { readonly distance: number })[];
}

/** `GET api/runs/ID/hidden?part&count`: activations of the last hidden layer, for a map. */
export interface HiddenSpace {
  readonly modelVersion: number;
  readonly layer: string;
  readonly part: Part;
  readonly classNames: readonly string[];
  /** Units of the layer. */
  readonly width: number;
  /** In base64: float32, little-endian, [n_images, width]. */
  readonly activations: string;
  readonly images: readonly Omit<LookedAtImage, "part">[];
}

/** `GET api/runs/ID/confusion`. */
export interface Confusion {
  readonly modelVersion: number;
  readonly part: Part;
  readonly classNames: readonly string[];
  /** [true class * n_classes + predicted class] */
  readonly counts: readonly number[];
}

/** `GET api/runs/ID/mistakes?count`: the surest first. */
export interface Mistakes {
  readonly modelVersion: number;
  readonly part: Part;
  readonly classNames: readonly string[];
  readonly examples: number;
  readonly total: number;
  readonly images: readonly LookedAtImage[];
}

// Images of one's own.

/** The body of `POST api/drawings`: "this was a 7". */
export interface DrawingBody {
  readonly label: number;
  readonly width: number;
  readonly height: number;
  /** {@link DrawnImage.pixels} */
  readonly pixels: string;
}

/** `GET api/drawings`, and what every change of them answers. */
export interface Drawings {
  readonly folder: string;
  readonly count: number;
  /** Of each class, 0 to 9. */
  readonly perClass: readonly number[];
  /** The command that trains on them, or `null` while they are too few, of which `note` says why. */
  readonly command: string | null;
  readonly note: string | null;
}
