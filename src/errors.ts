/**
 * Every error class that a user can meet. A message is one sentence or two for a person: what was given, what was
 * expected, what to do. The `code` is for programs and does not change between minor versions.
 */
export abstract class MnistNativeError extends Error {
  abstract readonly code: string;

  constructor(message: string, options?: ErrorOptions) {
    super(message, options);
    this.name = new.target.name;
  }
}

/** An option or argument outside its documented range. */
export class InvalidArgumentError extends MnistNativeError {
  readonly code = "ERR_INVALID_ARGUMENT";
}

/** An estimator that was asked for what it has not learned yet. */
export class NotFittedError extends MnistNativeError {
  readonly code = "ERR_NOT_FITTED";
}

/** Tensors, labels or files whose sizes do not fit together. */
export class ShapeError extends MnistNativeError {
  readonly code = "ERR_SHAPE";
}

/** A class label that the network or the data set has no place for. */
export class LabelRangeError extends MnistNativeError {
  readonly code = "ERR_LABEL_RANGE";
}

/** A file or folder that was named, or is needed, and is not there or cannot be read. */
export class FileAccessError extends MnistNativeError {
  readonly code = "ERR_FILE_ACCESS";
}

/** A data file whose content is not what its format promises. */
export class DataFormatError extends MnistNativeError {
  readonly code = "ERR_DATA_FORMAT";
}

/** A data set that could not be fetched from any of its mirrors. */
export class DownloadError extends MnistNativeError {
  readonly code = "ERR_DOWNLOAD";
}

/** A model file that is not one, or that describes a network which cannot be built. */
export class ModelFormatError extends MnistNativeError {
  readonly code = "ERR_MODEL_FORMAT";
}

/** A training that cannot go on from a checkpoint, because its data or settings are not those that the checkpoint is of. */
export class ResumeError extends MnistNativeError {
  readonly code = "ERR_RESUME";
}

/** A trace for `reproduce` that is not in the documented form. */
export class TraceFormatError extends MnistNativeError {
  readonly code = "ERR_TRACE_FORMAT";
}

/** The backend that was asked for cannot be had on this machine. */
export class BackendUnavailableError extends MnistNativeError {
  readonly code = "ERR_BACKEND_UNAVAILABLE";
}

/** An operation for whose intermediate results there is not enough memory. */
export class OutOfMemoryError extends MnistNativeError {
  readonly code = "ERR_OUT_OF_MEMORY";
}

/** A result that could not be written. */
export class OutputError extends MnistNativeError {
  readonly code = "ERR_OUTPUT";
}

/** A package or a part of the system that is needed for a thing alone, such as PNG pictures of figures, and is not installed. */
export class MissingDependencyError extends MnistNativeError {
  readonly code = "ERR_MISSING_DEPENDENCY";
}

/** A configuration file that is not one: broken JSON or YAML, an unknown key, or a value that its key cannot have. */
export class ConfigFormatError extends MnistNativeError {
  readonly code = "ERR_CONFIG_FORMAT";
}

/** A live page whose server cannot be started. */
export class LivePageError extends MnistNativeError {
  readonly code = "ERR_LIVE_PAGE";
}

/** A sweep that cannot go on: its folder, its queue or its cluster is not as it must be. */
export class SweepError extends MnistNativeError {
  readonly code = "ERR_SWEEP";
}

/** Processes that train together and do not agree, or that cannot speak to each other. */
export class CommunicatorError extends MnistNativeError {
  readonly code = "ERR_COMMUNICATOR";
}
