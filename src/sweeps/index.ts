/**
 * Many trainings with other settings, and which of them is best: `import { sweep } from "mnist-native/sweeps"`.
 *
 * @module mnist-native/sweeps
 */
export { nextTasks } from "./asha.js";
export { tasksOfRung } from "./halving.js";
export type { Objective, ObjectiveCall, ObjectiveResult, SettingsOf, ValueOf } from "./objective.js";
export { type Plan, planSweep } from "./plan.js";
export { formatResults, type ResultCell, type ResultsTable, rankOutcomes, resultsTable } from "./results.js";
export type { Rung } from "./rungs.js";
export type { Runner, RunOptions, SweepListener, TrialProgress } from "./runner.js";
export { type InProcessOptions, inProcessRunner, type ObjectiveRunner } from "./runners/in-process.js";
export { type LocalRunnerOptions, localRunner } from "./runners/local.js";
export { type RedisRunnerOptions, redisRunner } from "./runners/redis.js";
export { type SlurmRunnerOptions, type Submission, slurmRunner } from "./runners/slurm.js";
export type { ScheduledSweep } from "./schedule.js";
export type { Parameter, Space } from "./space.js";
export {
  type ObjectiveSweepOptions,
  type SweepResult,
  sweep,
  type TrainingSweepOptions,
  type TrialResult,
} from "./sweep.js";
export { parseSweepConfig, readSweepConfig, type SweepConfig } from "./sweep-config.js";
export { createSweepFolder, openSweepFolder, type SweepFolder } from "./sweep-folder.js";
export type { Outcome, SettingMap, Settings, SettingValue, Task, Trial } from "./trial.js";
