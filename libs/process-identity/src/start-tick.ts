import { readFileSync } from 'node:fs';

/**
 * When the kernel says a process started, in its own unit; `ended` for one that is dead but not collected; null where nothing is said.
 * Fields of /proc/PID/stat (proc(5)): state, number of threads, start. The command in field 2 may contain spaces and brackets, so
 * count from its end. A process whose first thread is dead (Z) has its ports and files until the other threads are dead too.
 */
export function startTick(pid: number): string | null {
  let stat: string;
  try {
    stat = readFileSync(`/proc/${pid}/stat`, 'utf8');
  } catch {
    return null;
  }
  const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ');
  const [state, threads, start] = [fields[0], Number(fields[17]), fields[19]];
  return state === 'Z' && threads <= 1 ? 'ended' : (start ?? null);
}
