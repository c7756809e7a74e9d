import { writeSync } from 'node:fs';

/**
 * Failpoints: named places where a test kills, stops, delays or fails a process (the list is in docs/ARCHITECTURE.md).
 * Unless {@link armFailpoints} has armed that very name, passing one costs a read of one variable and a comparison with null.
 */
type Effect = { kind: 'exit' } | { kind: 'stop' } | { kind: 'throw' } | { kind: 'delay'; ms: number };

interface Armed {
  readonly name: string;
  readonly effect: Effect;
  passesLeft: number;
}

let armed: Armed[] | null = null;

/** Every name that {@link armFailpoints} accepts; code may only pass these. */
export const FAILPOINTS = [
  'after-load',
  'after-intent',
  'before-commit-send',
  'after-commit',
  'before-reply',
  'before-outbox',
  'after-outbox',
  'before-clear',
  'repair-after-read',
  'repair-after-publish',
  'repair-after-fence',
  'feed-after-fetch',
  'projection-after-write',
  'before-checkpoint',
  'bucket-after-take',
  'heartbeat-lost-reply',
  'handoff-after-drain',
  'sigterm-before-release',
  'publish-after-ack',
  'snapshot-mid-write',
  'rebuild-before-promote',
] as const;
export type Failpoint = (typeof FAILPOINTS)[number];

/** Thrown by a failpoint armed with `throw`: stands for any failure of the step around it. */
export class FailpointError extends Error {
  readonly code = 'failpoint';
  constructor(readonly failpoint: string) {
    super(`failpoint ${failpoint} was armed to throw`);
    this.name = 'FailpointError';
  }
}

/**
 * Arms the failpoints of `spec`, replacing what was armed: `name:nth:effect`, several separated by commas. `nth` counts
 * passes from 1; the effect happens once, at that pass: `exit` (SIGKILL of this process), `stop` (SIGSTOP), `throw`
 * ({@link FailpointError}) or `delay=ms` (at most 99999). Before it, a line on standard error says `failpoint name: effect`, so that
 * whoever armed it knows that it was passed, also when the step around it answers a failure without a word. An empty spec
 * disarms all. Throws an `Error` that names the bad part and what was expected.
 */
export function armFailpoints(spec: string): void {
  const parts = spec.split(',').filter((part) => part.trim() !== '');
  armed = parts.length === 0 ? null : parts.map((part) => parse(part.trim()));
}

/** Passes the failpoint `name`. Does nothing unless it is armed; awaits only when armed with a delay. */
export function failpoint(name: Failpoint): void | Promise<void> {
  if (armed === null) return;
  return hit(name, armed);
}

/** As {@link failpoint}, in code that cannot wait (inside a SQLite transaction): a delay blocks the thread. */
export function failpointSync(name: Failpoint): void {
  if (armed === null) return;
  const due = next(name, armed);
  if (due) announce(name, due);
  if (due?.kind === 'delay') Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, due.ms);
  else if (due) strike(name, due.kind);
}

function hit(name: Failpoint, list: Armed[]): void | Promise<void> {
  const due = next(name, list);
  if (due) announce(name, due);
  if (due?.kind === 'delay') return new Promise((resolve) => setTimeout(resolve, due.ms));
  if (due) strike(name, due.kind);
}

/** Counts the pass for every one armed with `name`, and returns the effect that is due at it. */
function next(name: Failpoint, list: Armed[]): Effect | undefined {
  let due: Effect | undefined;
  for (const candidate of list) {
    if (candidate.name !== name) continue;
    candidate.passesLeft -= 1;
    if (candidate.passesLeft === 0) due = candidate.effect;
  }
  return due;
}

/** Written at once, past every buffer: after `exit` nothing else is. */
function announce(name: Failpoint, effect: Effect): void {
  try {
    writeSync(2, `failpoint ${name}: ${effect.kind}\n`);
  } catch {
    // nobody reads: what was armed happens all the same
  }
}

function strike(name: Failpoint, kind: 'exit' | 'stop' | 'throw'): void {
  if (kind === 'throw') throw new FailpointError(name);
  process.kill(process.pid, kind === 'exit' ? 'SIGKILL' : 'SIGSTOP');
}

function parse(part: string): Armed {
  const [name, nth, effect, ...rest] = part.split(':');
  const delay = /^delay=(\d{1,5})$/.exec(effect ?? '');
  const known = (FAILPOINTS as readonly string[]).includes(name ?? '');
  const passes = Number(nth);
  const kinds = ['exit', 'stop', 'throw'];
  if (
    !known ||
    rest.length > 0 ||
    !Number.isSafeInteger(passes) ||
    passes < 1 ||
    !(delay || kinds.includes(effect ?? ''))
  ) {
    throw new Error(
      `failpoint "${part}": expected name:nth:exit|stop|throw|delay=ms with nth from 1, ms up to 99999 and one of the names ${FAILPOINTS.join(', ')}`,
    );
  }
  return {
    name: name!,
    passesLeft: passes,
    effect: delay ? { kind: 'delay', ms: Number(delay[1]) } : { kind: effect as 'exit' | 'stop' | 'throw' },
  };
}
