import type { CarriedOut } from './database/in-memory-cluster.js';
import type { Trace } from './world/trace.js';

/** What one schedule is made from: everything else follows. */
export interface ScheduleOptions {
  readonly seed: number;
  readonly trace: Trace;
  /** Told of every request when it is carried out. */
  readonly onRequest?: (request: CarriedOut) => void;
}

/** Runs one schedule; answers what has gone wrong, a sentence for each finding, nothing when all is well. */
export type Schedule = (options: ScheduleOptions) => Promise<readonly string[]>;
