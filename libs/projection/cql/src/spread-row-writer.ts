import type { Advance } from '@chronicle/change-feed-core';
import type { EffectWriter } from '@chronicle/change-feed-cql';
import { atOnce, type CqlPort } from '@chronicle/cql';
import type { Row, RowChange } from '@chronicle/projection-core';
import { LiveDirectory, type OwnedWindow } from './live-directory.js';
import { liveStatements } from './live-statements.js';
import { RowWriter, type RowWriterOptions } from './row-writer.js';
import { RowCodec } from './stored-row.js';
import { tableStatements, type TableStatements } from './table-cql.js';
import { windowOf } from './time-windows.js';
import { Witnesses } from './witnesses.js';

/** Windows that are looked into at a time, whether they still have rows. */
const LOOKS_AT_ONCE = 64;

/**
 * Writes the rows of a spread table. A row lies in the partition of its slot, which is the bucket of its aggregate, and of the
 * window of its time; the directory is told of a window before its first row comes and after its last one has gone. All of that is
 * done again when a commit is repeated, so that no window is forgotten by a crash.
 */
export class SpreadRowWriter implements EffectWriter<RowChange> {
  readonly #port: CqlPort;
  readonly #rows: RowWriter;
  readonly #codec: RowCodec;
  readonly #spreadBy: string;
  readonly #statements: TableStatements;
  readonly #directory: LiveDirectory;
  readonly #witnesses = new Witnesses();
  #turn: Promise<void> = Promise.resolve();

  /** Throws `InvalidTableError`. */
  constructor(options: RowWriterOptions, spreadBy: string) {
    const { port, definition } = options;
    this.#port = port;
    this.#spreadBy = spreadBy;
    this.#rows = new RowWriter(options, (row, bucket) => [bucket, windowOf(row[spreadBy])]);
    this.#codec = new RowCodec(definition.table);
    this.#statements = tableStatements(definition);
    this.#directory = new LiveDirectory(port, liveStatements(definition));
  }

  /** One call after another: whether a window has rows must not change between the look and the directory's write. */
  write(advances: readonly Advance<RowChange>[], refuseLost: () => Promise<void>): Promise<void> {
    const done = this.#turn.then(() => this.#write(advances, refuseLost));
    this.#turn = done.catch(() => undefined);
    return done;
  }

  async #write(advances: readonly Advance<RowChange>[], refuseLost: () => Promise<void>): Promise<void> {
    const written = new Map<string, OwnedWindow>();
    const left = new Map<string, OwnedWindow>();
    const seen: [window: string, row: string][] = [];
    for (const advance of advances) {
      for (const change of advance.effects) {
        const row = change.kind === 'write' ? change.row : change.key;
        const window = this.#window(row, advance);
        const key = JSON.stringify([...window.partition.map(String), window.slot, window.epoch, window.window]);
        const place = JSON.stringify(this.#codec.clustering(row).map(String));
        if (change.kind === 'write') {
          written.set(key, window);
          seen.push([key, place]);
        } else {
          left.set(key, window);
          this.#witnesses.lose(key, place);
        }
      }
    }
    await this.#directory.mark([...written.values()]);
    await this.#rows.write(advances);
    for (const [key, place] of seen) this.#witnesses.see(key, place);
    const inDoubt = [...left].filter(([key]) => !this.#witnesses.has(key)).map(([, window]) => window);
    await this.#directory.unmark(await this.#withoutRows(inDoubt));
    this.#directory.forgetOld();
    // Of a slot that was lost meanwhile the successor's directory may lack what was marked here: then no position may be written.
    await refuseLost();
  }

  #window(row: Row, { bucket, epoch }: Advance<RowChange>): OwnedWindow {
    return { partition: this.#codec.partition(row), slot: bucket, epoch, window: windowOf(row[this.#spreadBy]) };
  }

  async #withoutRows(windows: readonly OwnedWindow[]): Promise<readonly OwnedWindow[]> {
    const withRows = new Set<OwnedWindow>();
    await atOnce(await this.#directory.marked(windows), LOOKS_AT_ONCE, async (one) => {
      const values = [...one.partition, one.slot, one.window, 1];
      if ((await this.#port.readOne(this.#statements.first, values)) !== undefined) withRows.add(one);
    });
    return windows.filter((one) => !withRows.has(one));
  }
}
