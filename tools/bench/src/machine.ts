import { readFileSync } from 'node:fs';
import { cpus, loadavg, release, totalmem } from 'node:os';

/** How busy the machine is: runnable tasks, averaged over 1, 5 and 15 minutes. */
export type Load = readonly [number, number, number];

export function loadNow(): Load {
  const [one, five, fifteen] = loadavg();
  return [one!, five!, fifteen!];
}

/** What numbers depend on, beside the load. */
export function machineFacts() {
  const processors = cpus();
  return {
    node: process.version,
    kernel: release(),
    cores: processors.length,
    processor: processors[0]?.model ?? 'unknown',
    memoryMiB: Math.round(totalmem() / MIB),
  };
}

/** What a process has used so far. */
export interface ProcessUsage {
  readonly cpuMs: number;
  readonly rssMb: number;
  readonly peakRssMb: number;
}

const MIB = 1024 * 1024;
/** Linux counts CPU time for user space in hundredths of a second, on every architecture that Node runs on. */
const TICK_MS = 10;

/** What a process has used, from `/proc`. Throws when there is no such process, or no `/proc`. */
export function processUsage(pid: number): ProcessUsage {
  // The name of the program, in brackets, may hold spaces and brackets itself.
  const [, afterName] = /^.*\) (.*)$/s.exec(readFileSync(`/proc/${pid}/stat`, 'utf8'))!;
  const fields = afterName!.split(' ');
  const status = readFileSync(`/proc/${pid}/status`, 'utf8');
  const megabytes = (name: string) =>
    (Number(new RegExp(`^${name}:\\s*(\\d+) kB$`, 'm').exec(status)![1]) * 1024) / 1e6;
  return {
    cpuMs: (Number(fields[11]) + Number(fields[12])) * TICK_MS, // utime and stime, of all threads
    rssMb: megabytes('VmRSS'),
    peakRssMb: megabytes('VmHWM'),
  };
}
