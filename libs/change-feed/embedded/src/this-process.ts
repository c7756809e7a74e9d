import { readFileSync, readlinkSync } from 'node:fs';

/** What tells one process of a machine from every other one that ever ran on it. */
export interface ProcessMark {
  readonly pid: number;
  /** When it started, as the kernel counts; null where the kernel does not say. */
  readonly startedAt: string | null;
  /** The boot and the process-id namespace that the pid belongs to; null where the kernel does not say. */
  readonly space: string | null;
}

/** The mark of this process. */
export function thisProcess(): ProcessMark {
  return { pid: process.pid, startedAt: startOf('self'), space: pidSpace() };
}

/**
 * Has the process with this mark certainly ended? False when it runs, and when nobody can tell: it is of another container,
 * or the kernel does not say.
 */
export function hasEnded(mark: ProcessMark): boolean {
  if (mark.startedAt === null || mark.space === null || mark.space !== pidSpace()) return false;
  return startOf(String(mark.pid)) !== mark.startedAt;
}

/** Field 22 of /proc/PID/stat (proc(5)), counted after the name in parentheses, which may hold anything. A zombie has ended. */
function startOf(pid: string): string | null {
  try {
    const stat = readFileSync(`/proc/${pid}/stat`, 'utf8');
    const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ');
    return fields[0] === 'Z' ? null : fields[19]!;
  } catch {
    return null;
  }
}

function pidSpace(): string | null {
  try {
    const boot = readFileSync('/proc/sys/kernel/random/boot_id', 'utf8').trim();
    return `${boot} ${readlinkSync('/proc/self/ns/pid')}`;
  } catch {
    return null;
  }
}
