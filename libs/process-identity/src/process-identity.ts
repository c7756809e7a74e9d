import { startTick } from './start-tick.js';

/** A process that can be told from a later one with the same id. */
export interface ProcessIdentity {
  readonly pid: number;
  /** When the kernel says it started, in its own unit; null where it does not say (not Linux), and then the id alone counts. */
  readonly startedAtTick: string | null;
}

/** The identity of the process that has `pid` now. */
export function identityOf(pid: number): ProcessIdentity {
  return { pid, startedAtTick: startTick(pid) };
}

/** Does that very process still run? A dead one whose parent has not yet collected it counts as ended. */
export function isAlive({ pid, startedAtTick }: ProcessIdentity): boolean {
  if (!exists(pid)) return false;
  const tick = startTick(pid);
  return startedAtTick === null ? tick !== 'ended' : tick === startedAtTick;
}

function exists(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    return (error as NodeJS.ErrnoException).code === 'EPERM';
  }
}
