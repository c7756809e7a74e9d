import { readFileSync, readlinkSync } from 'node:fs';
import { identityOf, type ProcessIdentity } from './process-identity.js';
import { startTick } from './start-tick.js';

/** What tells one process of a machine from every other one that ever ran on it, also in the eyes of another container. */
export interface ProcessMark extends ProcessIdentity {
  /** The boot and the process-id namespace that the pid belongs to; null where the kernel does not say. */
  readonly space: string | null;
}

/** The mark of the process that has `pid` now, of this process by default. */
export function markOf(pid = process.pid): ProcessMark {
  return { ...identityOf(pid), space: pidSpace() };
}

/**
 * Has the process with this mark certainly ended? False when it runs, and when nobody can tell: it is of another container,
 * or the kernel does not say.
 */
export function hasEnded({ pid, startedAtTick, space }: ProcessMark): boolean {
  if (startedAtTick === null || space === null || space !== pidSpace()) return false;
  return startTick(pid) !== startedAtTick;
}

function pidSpace(): string | null {
  try {
    const boot = readFileSync('/proc/sys/kernel/random/boot_id', 'utf8').trim();
    return `${boot} ${readlinkSync('/proc/self/ns/pid')}`;
  } catch {
    return null;
  }
}
