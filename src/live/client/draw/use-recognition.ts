import { useCallback, useEffect, useMemo, useRef, useState } from "preact/hooks";
import type { Recognition } from "../../protocol.js";
import { postJson, ServerError } from "../api.js";
import { runPath } from "../run-path.js";
import { newestOnly } from "./newest-only.js";
import { grayOf, PICTURE_SIDE } from "./paint.js";
import type { Picture } from "./picture.js";
import type { Stroke } from "./stroke.js";

/** What is to be recognised. */
export type Subject =
  | { readonly kind: "drawing"; readonly strokes: readonly Stroke[] }
  | { readonly kind: "picture"; readonly picture: Picture };

export interface Recognised {
  readonly subject: Subject;
  readonly recognition: Recognition;
}

export interface UsedRecognition {
  readonly answer: Recognised | undefined;
  /** Why there is no newer answer: a sentence. */
  readonly error: string | null;
  /** `null` where there is nothing to recognise any more. Another function for another run. */
  readonly ask: (subject: Subject | null) => void;
  readonly retry: () => void;
}

/** Milliseconds between two answers by newer models of the same run. */
const LEAST_PAUSE = 500;

/** Asks a run's model what it makes of a drawing or a picture, and asks again when the model has changed. */
export function useRecognition({
  runId,
  modelVersion,
  generation,
}: {
  readonly runId: string;
  /** 0 where none is known to be newer. */
  readonly modelVersion: number;
  /** Another one: the line to the server was lost. */
  readonly generation: number;
}): UsedRecognition {
  const [answer, setAnswer] = useState<Recognised>();
  const [error, setError] = useState<string | null>(null);
  const subject = useRef<Subject | null>(null);
  const queue = useMemo(
    () =>
      newestOnly<Subject, Recognition>({
        ask: (asked, signal) => recognise(runId, asked, signal),
        onAnswer: (recognition, asked) => {
          setAnswer({ subject: asked, recognition });
          setError(null);
        },
        onError: (failure) => {
          if (!(failure instanceof ServerError)) reportError(failure);
          setError(failure instanceof ServerError ? failure.message : "The drawing could not be recognised.");
        },
      }),
    [runId],
  );

  const retry = useCallback(() => {
    if (subject.current !== null) queue.ask(subject.current);
  }, [queue]);

  const ask = useCallback(
    (asked: Subject | null) => {
      subject.current = asked;
      if (asked !== null) return queue.ask(asked);
      queue.forget();
      setAnswer(undefined);
      setError(null);
    },
    [queue],
  );

  // No answer of one run is shown for another: `ask` is another function then, and who uses it asks anew.
  useEffect(
    () => () => {
      queue.forget();
      setAnswer(undefined);
      setError(null);
    },
    [queue],
  );

  useRenewal(retry, modelVersion, generation);
  return { answer, error, ask, retry };
}

/** Renews at once, and then at most twice a second, as models come. */
function useRenewal(renew: () => void, modelVersion: number, generation: number): void {
  const newest = useRef(renew);
  newest.current = renew;
  const renewedAt = useRef(0);
  const isFirst = useRef(true);
  useEffect(() => {
    if (isFirst.current) {
      isFirst.current = false; // There is an answer by this model, or none has been asked for.
      return;
    }
    const pause = renewedAt.current + LEAST_PAUSE - performance.now();
    const timer = setTimeout(
      () => {
        renewedAt.current = performance.now();
        newest.current();
      },
      Math.max(0, pause),
    );
    return () => clearTimeout(timer);
  }, [modelVersion, generation]);
}

function recognise(runId: string, subject: Subject, signal: AbortSignal): Promise<Recognition> {
  const { width, height, gray } =
    subject.kind === "picture"
      ? subject.picture
      : { width: PICTURE_SIDE, height: PICTURE_SIDE, gray: grayOf(subject.strokes) };
  const path = runPath(runId, `recognise?width=${width}&height=${height}`);
  return postJson<Recognition>(path, gray, { signal });
}
