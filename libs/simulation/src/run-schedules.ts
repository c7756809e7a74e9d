import { consumersSchedule } from './consumers/consumers-schedule.js';
import type { Schedule } from './schedule.js';
import { NO_TRACE, type Trace } from './world/trace.js';
import { writersSchedule } from './writers/writers-schedule.js';

/** What can be simulated, by name. */
export const PROFILES = {
  writers: writersSchedule,
  consumers: consumersSchedule,
} as const satisfies Readonly<Record<string, Schedule>>;

export type Profile = keyof typeof PROFILES;

export interface FoundViolation {
  readonly seed: number;
  readonly findings: readonly string[];
}

/** Runs one schedule. What it throws, or leaves unhandled, is a finding as well. */
export async function runSchedule(profile: Profile, seed: number, trace: Trace = NO_TRACE): Promise<readonly string[]> {
  const unhandled: string[] = [];
  const note = (error: unknown) => unhandled.push(`unhandled: ${described(error)}`);
  process.on('unhandledRejection', note);
  try {
    const findings = await PROFILES[profile]({ seed, trace });
    return [...findings, ...unhandled];
  } catch (error) {
    return [`thrown: ${described(error)}`];
  } finally {
    process.off('unhandledRejection', note);
  }
}

/** Runs the schedules of the seeds from `from` to `to`, both included, up to the first that finds something. */
export async function runSchedules(profile: Profile, from: number, to: number): Promise<FoundViolation | undefined> {
  for (let seed = from; seed <= to; seed += 1) {
    const findings = await runSchedule(profile, seed);
    if (findings.length > 0) return { seed, findings };
  }
  return undefined;
}

function described(error: unknown): string {
  return error instanceof Error ? (error.stack ?? error.message) : String(error);
}
