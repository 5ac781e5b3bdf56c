import type { LiveEvent, RunDetail } from "../protocol.js";
import { withEpochs, withSample } from "../run-history.js";

/** @returns The run that an event is of; `undefined` of one that is of none. */
export function runOfEvent(event: LiveEvent): string | undefined {
  if (event.type === "starting") return undefined;
  return event.type === "run" ? event.run.id : event.id;
}

/** @returns The run's curves after an event: the same object where it is of another run, or part of them already. */
export function detailAfter(detail: RunDetail, id: number, event: LiveEvent): RunDetail {
  const runId = runOfEvent(event);
  if (runId !== detail.run.id || id <= detail.lastEventId) return detail;
  const { samples, epochs } = detail;
  switch (event.type) {
    case "run":
      return { ...detail, lastEventId: id, run: event.run };
    case "sample":
      return { ...detail, lastEventId: id, ...withSample({ samples, epochs }, event.sample) };
    case "epochs":
      return { ...detail, lastEventId: id, ...withEpochs({ samples, epochs }, event.epochs) };
    case "model":
      return { ...detail, lastEventId: id, modelVersion: event.modelVersion, modelEpoch: event.epoch };
    default:
      return detail;
  }
}
