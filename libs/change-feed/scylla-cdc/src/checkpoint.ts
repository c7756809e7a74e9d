import { microsFromMillis, type Micros } from './cdc-time.js';
import { CheckpointInvalidError } from './errors.js';

/**
 * A place in the log from which a reader loses nothing: opaque text, comparable by nobody. It holds the log generation that
 * was known to be the last one before its time, and that time; should a generation in between become known later, the reader
 * goes back to where that one begins.
 */
export type Checkpoint = string;

export interface LogPlace {
  /** Begin of the generation; undefined when whoever made the checkpoint knew none. */
  readonly generation: Micros | undefined;
  readonly time: Micros;
}

/** The checkpoint that begins at a time. For a first start; a stored checkpoint always wins over it. */
export function checkpointAt(time: Date): Checkpoint {
  return checkpointText({ generation: undefined, time: microsFromMillis(time.getTime()) });
}

export function checkpointText({ generation, time }: LogPlace): Checkpoint {
  return `v1/${generation === undefined ? '-' : generation / 1000n}/${time}`;
}

/** Throws {@link CheckpointInvalidError}. */
export function parseCheckpoint(text: Checkpoint): LogPlace {
  const [, generation, time] = /^v1\/(-|-?\d{1,17})\/(\d{1,17})$/.exec(text) ?? [];
  if (generation === undefined || time === undefined) throw new CheckpointInvalidError(text);
  return { generation: generation === '-' ? undefined : BigInt(generation) * 1000n, time: BigInt(time) };
}
