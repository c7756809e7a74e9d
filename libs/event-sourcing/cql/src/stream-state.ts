import type { CqlPort, CqlRow } from '@chronicle/cql';
import {
  EMPTY_STREAM,
  REMEMBERED_COMMANDS_MAX,
  type RememberedCommand,
  type StreamEnd,
} from '@chronicle/event-sourcing-core';
import { loadHead } from './event-statements.js';

/** What the next append of a stream depends on. */
export interface StreamState {
  /** Undefined: there is no stream. */
  readonly aggregateType: string | undefined;
  /** Version 0: there is no stream. */
  readonly end: StreamEnd;
  /** null as long as nobody had to raise it. */
  readonly fence: bigint | null;
  /** How many more commands are remembered before the oldest have to be forgotten. */
  readonly commandsLeft: number;
}

/** The same with the commands, as they were read. */
export interface LoadedStream extends StreamState {
  readonly commands: ReadonlyMap<string, string>;
}

/** Commands that may be too many before the oldest are deleted, so that it need not be done at every append. */
const FORGOTTEN_TOGETHER = 100;

/** Reads the state of a stream. Throws `StoreUnavailableError`. */
export async function loadStream(port: CqlPort, aggregateId: string): Promise<LoadedStream> {
  return loadedStream((await port.readOne(loadHead, [aggregateId])) ?? {});
}

function loadedStream(row: CqlRow): LoadedStream {
  const commands = (row.commands as ReadonlyMap<string, string> | null | undefined) ?? new Map<string, string>();
  const rest = {
    fence: (row.fence as bigint | null | undefined) ?? null,
    commands,
    commandsLeft: REMEMBERED_COMMANDS_MAX + FORGOTTEN_TOGETHER - commands.size,
  };
  if (row.version === null || row.version === undefined)
    return { aggregateType: undefined, end: EMPTY_STREAM, ...rest };
  const version = Number(row.version);
  if (Number(row.sequence_number) !== version) {
    throw new Error(
      `a stream at version ${version} whose last event is ${String(row.sequence_number)}: verify the store`,
    );
  }
  const hash = Buffer.from(row.hash as Uint8Array).toString('hex');
  return {
    aggregateType: row.aggregate_type as string,
    end: { version, hash, timestamp: row.timestamp as string },
    ...rest,
  };
}

/** What is kept of a command under its key, as a text. */
type CommandEntry = readonly [bodyHash: string, firstSequence: number, lastSequence: number, expiresAt: number | null];

/** The text of a command for the map of its stream. `expiresAt` in ms since 1970; null: never. */
export function commandText(command: Omit<RememberedCommand, 'key'>, expiresAt: number | null): string {
  const entry: CommandEntry = [command.bodyHash, command.firstSequence, command.lastSequence, expiresAt];
  return JSON.stringify(entry);
}

/** The command under `key`, if it is among the newest, or created the stream, and has not expired by `now` (ms since 1970). */
export function rememberedIn(
  stream: LoadedStream,
  key: string | undefined,
  now: number,
): RememberedCommand | undefined {
  const text = key === undefined ? undefined : stream.commands.get(key);
  if (key === undefined || text === undefined) return undefined;
  const [bodyHash, firstSequence, lastSequence, expiresAt] = parse(text);
  if (expiresAt !== null && expiresAt <= now) return undefined;
  if (isBeyond(stream, firstSequence)) return undefined;
  return { key, bodyHash, firstSequence, lastSequence };
}

/** The keys that an append deletes from the map: the oldest beyond those that are remembered, but never the creation's. */
export function forgottenIn(stream: LoadedStream): Set<string> {
  if (stream.commands.size <= REMEMBERED_COMMANDS_MAX) return new Set();
  const oldestFirst = [...stream.commands]
    .map(([key, text]) => ({ key, firstSequence: parse(text)[1] }))
    .sort((left, right) => left.firstSequence - right.firstSequence);
  const beyond = oldestFirst.slice(0, -REMEMBERED_COMMANDS_MAX).filter(({ firstSequence }) => firstSequence > 1);
  return new Set(beyond.map(({ key }) => key));
}

function isBeyond({ commands }: LoadedStream, firstSequence: number): boolean {
  if (firstSequence === 1 || commands.size <= REMEMBERED_COMMANDS_MAX) return false;
  let newer = 0;
  for (const text of commands.values()) if (parse(text)[1] > firstSequence) newer += 1;
  return newer >= REMEMBERED_COMMANDS_MAX;
}

function parse(text: string): CommandEntry {
  return JSON.parse(text) as CommandEntry;
}
