import { CqlPort, type CqlPage, type CqlRow, type CqlValue, type ReadOptions, type Statement } from '@chronicle/cql';
import { commandPlace, commandText } from './command-entry.js';
import { NO_STREAM, loadStream, rememberedIn } from './stream-state.js';

/** Answers reads with the rows it has for the statement, and notes how they were asked for. */
class AnsweringPort extends CqlPort {
  readonly asked: { readonly name: string; readonly values: readonly CqlValue[]; readonly settled: boolean }[] = [];
  constructor(private readonly rows: Readonly<Record<string, readonly CqlRow[]>>) {
    super();
  }
  override async read({ name }: Statement, values: readonly CqlValue[], options?: ReadOptions): Promise<CqlPage> {
    this.asked.push({ name, values, settled: options?.settled === true });
    return { rows: this.rows[name] ?? [], pageState: undefined };
  }
  override write = unexpected;
  override writeTogether = unexpected;
  override writeIf = unexpected;
  override close = unexpected;
}

async function unexpected(): Promise<never> {
  throw new Error('a read writes nothing');
}

const HEAD = 'event-store.load-head';
const HEAD_WITH_COMMAND = 'event-store.load-head-with-command';
const entry = (key: string, ordinal: number) =>
  commandText({ key, bodyHash: 'body', firstSequence: ordinal, lastSequence: ordinal, ordinal, expiresAt: 1_000 });
const head = {
  aggregate_type: 'Thing',
  version: 2n,
  fence: 1n,
  last_hash: Buffer.alloc(32, 1),
  last_timestamp: '2026-01-01T00:00:00.000Z',
  command_count: 2n,
  creation: entry('creation', 1),
};
const place = commandPlace('key');

describe('a stream', () => {
  it('is read with the command in one read, for which commits under way are settled', async () => {
    const command = entry('key', 2);
    const port = new AnsweringPort({
      [HEAD_WITH_COMMAND]: [
        { ...head, sequence_number: 1n, command: null },
        { ...head, sequence_number: place, command },
      ],
    });
    const stream = await loadStream(port, 'a', 'key');
    expect(stream).toEqual({
      aggregateType: 'Thing',
      end: { version: 2, hash: '01'.repeat(32), timestamp: '2026-01-01T00:00:00.000Z' },
      fence: 1n,
      commandCount: 2,
      creationKey: 'creation',
      creation: head.creation,
      command,
    });
    expect(port.asked).toEqual([{ name: HEAD_WITH_COMMAND, values: ['a', 1n, place], settled: true }]);
    expect(rememberedIn(stream, 'key', 0)).toMatchObject({ key: 'key', firstSequence: 2 });
    expect(rememberedIn(stream, 'creation', 2_000)).toMatchObject({ key: 'creation', firstSequence: 1 });
  });

  it('without events has the fence that a read of no row in particular finds, settled too', async () => {
    const port = new AnsweringPort({ [HEAD]: [{ version: null, fence: 3n }] });
    expect(await loadStream(port, 'a', 'key')).toEqual({ ...NO_STREAM, fence: 3n, creation: null, command: null });
    expect(port.asked.map(({ name, settled }) => [name, settled])).toEqual([
      [HEAD_WITH_COMMAND, true],
      [HEAD, true],
    ]);
  });

  it('does not take the command of another key at the same place for the one asked for', async () => {
    const rows = [
      { ...head, sequence_number: 1n, command: null },
      { ...head, sequence_number: place, command: entry('other', 2) },
    ];
    const stream = await loadStream(new AnsweringPort({ [HEAD_WITH_COMMAND]: rows }), 'a', 'key');
    expect(rememberedIn(stream, 'key', 0)).toBeUndefined();
  });
});
