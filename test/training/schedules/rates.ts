import type { Schedule, ScheduleTime } from "../../../src/training/schedules/schedule.js";

export interface TrainingLength {
  readonly stepsPerEpoch: number;
  readonly epochs: number;
  readonly examplesPerEpoch?: number;
}

/** When each step of a training is taken. */
export function times({ stepsPerEpoch, epochs, examplesPerEpoch = 100 }: TrainingLength): ScheduleTime[] {
  return Array.from({ length: stepsPerEpoch * epochs }, (_, step) => {
    const epoch = Math.floor(step / stepsPerEpoch) + 1;
    return { step, epoch, stepsPerEpoch, examplesPerEpoch, epochs };
  });
}

/** The learning rate of every step of a training. */
export function ratesOf(schedule: Schedule, length: TrainingLength): number[] {
  return times(length).map(schedule);
}
