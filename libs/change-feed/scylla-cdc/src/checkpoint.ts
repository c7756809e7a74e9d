import { microsFromMillis, type Micros } from './cdc-time.js';
import { CheckpointInvalidError } from './errors.js';

/**
 * A place in the log from which a reader loses nothing: opaque text, to be kept and given back. It holds the log generation that
 * was known to be the last one before its time, that time, and from where on the log has still to be looked back. Should a
 * generation in between become known later, the reader goes back to where that one begins.
 */
export type Checkpoint = string;

export interface LogPlace {
  /** Begin of the generation; undefined when whoever made the checkpoint knew none. */
  readonly generation: Micros | undefined;
  readonly time: Micros;
  /** At most `time`; equal: nothing before it is of interest. */
  readonly lookBackFrom: Micros;
}

/** The checkpoint that begins at a time. For a first start; a stored checkpoint always wins over it. */
export function checkpointAt(time: Date): Checkpoint {
  const micros = microsFromMillis(time.getTime());
  return checkpointText({ generation: undefined, time: micros, lookBackFrom: micros });
}

/** How far a reader that begins at a checkpoint has come: for people, for metrics, and to see that it comes on. Throws {@link CheckpointInvalidError}. */
export function timeOfCheckpoint(checkpoint: Checkpoint): Micros {
  return parseCheckpoint(checkpoint).time;
}

export function checkpointText({ generation, time, lookBackFrom }: LogPlace): Checkpoint {
  return `v1/${generation === undefined ? '-' : generation / 1000n}/${time}/${lookBackFrom}`;
}

/** Throws {@link CheckpointInvalidError}. */
export function parseCheckpoint(text: Checkpoint): LogPlace {
  const [, generation, time, lookBackFrom] = /^v1\/(-|\d{1,17})\/(\d{1,17})\/(\d{1,17})$/.exec(text) ?? [];
  if (generation === undefined || time === undefined || lookBackFrom === undefined)
    throw new CheckpointInvalidError(text);
  return {
    generation: generation === '-' ? undefined : BigInt(generation) * 1000n,
    time: BigInt(time),
    lookBackFrom: BigInt(lookBackFrom),
  };
}
