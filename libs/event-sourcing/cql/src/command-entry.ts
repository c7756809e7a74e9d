import { hash } from 'node:crypto';
import { REMEMBERED_COMMANDS_MAX, type RememberedCommand } from '@chronicle/event-sourcing-core';

/** What is stored of an accepted command, so that its repeats are recognised. */
export interface CommandEntry extends RememberedCommand {
  /** How many commands of its aggregate had been accepted, itself included. */
  readonly ordinal: number;
  /** ms since 1970; null: never. */
  readonly expiresAt: number | null;
}

/** The first sequence number at which no event stands: events are counted with safe integers, and commands lie far behind. */
const COMMANDS_FROM = 1n << 62n;

/**
 * Where the entry of a command with this key stands among the rows of its aggregate: behind all events, at a place that 62 bits of
 * a hash choose. Two keys that meet there cannot be mistaken, for the entry holds its key; the newer takes the older one's place.
 */
export function commandPlace(key: string): bigint {
  return COMMANDS_FROM | BigInt.asUintN(62, BigInt(`0x${hash('sha256', key, 'hex').slice(0, 16)}`));
}

/** An entry as the text that is stored. */
export function commandText({ key, bodyHash, firstSequence, lastSequence, ordinal, expiresAt }: CommandEntry): string {
  return JSON.stringify([key, bodyHash, firstSequence, lastSequence, ordinal, expiresAt]);
}

/** The entry that was stored as `text`. */
export function commandIn(text: string): CommandEntry {
  const [key, bodyHash, firstSequence, lastSequence, ordinal, expiresAt] = JSON.parse(text) as [
    key: string,
    bodyHash: string,
    firstSequence: number,
    lastSequence: number,
    ordinal: number,
    expiresAt: number | null,
  ];
  return { key, bodyHash, firstSequence, lastSequence, ordinal, expiresAt };
}

/**
 * The command of an entry, if it has this key and is remembered still: a creation always, another until it expires or so many
 * newer ones were accepted. `commandCount` is how many were in all, `now` ms since 1970.
 */
export function rememberedBy(
  { ordinal, expiresAt, ...command }: CommandEntry,
  key: string,
  commandCount: number,
  now: number,
): RememberedCommand | undefined {
  if (command.key !== key) return undefined;
  const isOld = (expiresAt ?? Infinity) <= now || commandCount - ordinal >= REMEMBERED_COMMANDS_MAX;
  return isOld && command.firstSequence > 1 ? undefined : command;
}
