import type { CqlPort, CqlRow } from '@chronicle/cql';
import { EMPTY_STREAM, type RememberedCommand, type StreamEnd } from '@chronicle/event-sourcing-core';
import { commandIn, commandPlace, rememberedBy } from './command-entry.js';
import { FIRST_EVENT, loadHead, loadHeadWithCommand } from './event-statements.js';

/** What the next append of a stream depends on. */
export interface StreamState {
  /** Undefined: there is no stream. */
  readonly aggregateType: string | undefined;
  /** Version 0: there is no stream. */
  readonly end: StreamEnd;
  /** null as long as nobody had to raise it. */
  readonly fence: bigint | null;
  /** Commands accepted so far. */
  readonly commandCount: number;
  /** Of the command that made the stream; undefined: there is no stream. */
  readonly creationKey: string | undefined;
}

/** The same with the commands that were asked for, as they stand there. */
export interface LoadedStream extends StreamState {
  readonly creation: string | null;
  /** What stands at the place of a command's key. */
  readonly command: string | null;
}

/** How every stream begins: what may be supposed of one that was never read. */
export const NO_STREAM: StreamState = {
  aggregateType: undefined,
  end: EMPTY_STREAM,
  fence: null,
  commandCount: 0,
  creationKey: undefined,
};

const SETTLED = { settled: true };

/**
 * Reads the state of a stream, and what stands at the place of `commandKey`, of one moment. A commit under way is settled before, so
 * that later reads find every event up to the version. Throws `StoreUnavailableError`.
 */
export async function loadStream(port: CqlPort, aggregateId: string, commandKey?: string): Promise<LoadedStream> {
  if (commandKey !== undefined) {
    const place = commandPlace(commandKey);
    const { rows } = await port.read(loadHeadWithCommand, [aggregateId, FIRST_EVENT, place], SETTLED);
    const [first] = rows;
    if (first) return loadedStream(first, rows.find(({ sequence_number }) => sequence_number === place)?.command);
  }
  // Without events, a partition has at most a fence, which only a read of no row in particular finds.
  return loadedStream((await port.readOne(loadHead, [aggregateId], SETTLED)) ?? {}, null);
}

function loadedStream(row: CqlRow, found: CqlRow[string]): LoadedStream {
  const fence = (row.fence as bigint | null | undefined) ?? null;
  const command = (found as string | null | undefined) ?? null;
  if (row.version === null || row.version === undefined) return { ...NO_STREAM, fence, creation: null, command };
  const creation = row.creation as string;
  return {
    aggregateType: row.aggregate_type as string,
    end: {
      version: Number(row.version),
      hash: Buffer.from(row.last_hash as Uint8Array).toString('hex'),
      timestamp: row.last_timestamp as string,
    },
    fence,
    commandCount: Number(row.command_count),
    creationKey: commandIn(creation).key,
    creation,
    command,
  };
}

/** The command under `key`, if the stream was loaded with it, and it is remembered at `now` (ms since 1970). */
export function rememberedIn(
  stream: LoadedStream,
  key: string | undefined,
  now: number,
): RememberedCommand | undefined {
  if (key === undefined) return undefined;
  for (const text of [stream.creation, stream.command]) {
    const remembered = text === null ? undefined : rememberedBy(commandIn(text), key, stream.commandCount, now);
    if (remembered) return remembered;
  }
  return undefined;
}
