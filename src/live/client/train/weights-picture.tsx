import { useCallback, useEffect, useRef } from "preact/hooks";
import { getBlob, ServerError } from "../api.js";
import { Loading } from "../parts/loading.js";
import { ErrorNotice } from "../parts/notice.js";
import { useLatest } from "../parts/use-latest.js";
import { useTheme } from "../parts/use-media.js";
import { runPath } from "../run-path.js";

/** A picture that can be shown at once, and of which model it is. */
interface WeightsShown {
  readonly source: string;
  readonly modelVersion: number;
}

/** What the units of the first layer look for, as it is asked for and comes. */
export interface UsedWeights {
  readonly picture: WeightsShown | undefined;
  readonly error: string | null;
  readonly isLoading: boolean;
  readonly retry: () => void;
}

/** Asks for the weights of a run's newest model, and asks again when `version` has changed. */
export function useWeightsPicture({
  id,
  modelVersion,
  version,
}: {
  /** The run's. */
  readonly id: string;
  readonly modelVersion: number;
  /** Changes with every model. */
  readonly version: string;
}): UsedWeights {
  const theme = useTheme();
  const newest = useRef(modelVersion);
  newest.current = modelVersion;
  const ask = useCallback(async (path: string, options: { readonly signal: AbortSignal }) => {
    const asked = newest.current;
    return { modelVersion: asked, source: await askForPicture(path, options) };
  }, []);
  const path = runPath(id, `weights.svg?theme=${theme}`);
  const { value, error, isLoading, retry } = useLatest<WeightsShown>(path, version, ask);
  const shown = useRef<WeightsShown | undefined>(undefined);
  useEffect(() => {
    const before = shown.current;
    shown.current = value ?? before;
    if (before !== undefined && value !== undefined && before !== value) URL.revokeObjectURL(before.source);
  }, [value]);
  useEffect(
    () => () => {
      if (shown.current !== undefined) URL.revokeObjectURL(shown.current.source);
    },
    [],
  );
  // While the picture of the other theme is on its way, this one is better than none.
  return { picture: value ?? shown.current, error, isLoading, retry };
}

/** What the units of the first layer look for, as the report draws it. */
export function WeightsPicture({
  name,
  weights: { picture, error, isLoading, retry },
}: {
  /** The run's. */
  readonly name: string;
  readonly weights: UsedWeights;
}) {
  return (
    <>
      {error !== null && <ErrorNotice message={error} onRetry={retry} />}
      {isLoading && picture === undefined && <Loading what="Drawing the weights" />}
      {picture !== undefined && (
        <img
          class="weights-picture"
          src={picture.source}
          alt={`Weights of the first hidden units of ${name}, each as a small image: red-brown where ink speaks for the unit, blue where it speaks against it.`}
        />
      )}
    </>
  );
}

/** @returns The address of a picture that can be shown at once. */
async function askForPicture(path: string, options: { readonly signal: AbortSignal }): Promise<string> {
  const source = URL.createObjectURL(await getBlob(path, options));
  const image = new Image();
  image.src = source;
  try {
    await image.decode();
  } catch {
    URL.revokeObjectURL(source);
    throw new ServerError(0, {
      code: "PICTURE",
      message: "The picture of the weights cannot be shown by this browser.",
    });
  }
  return source;
}
