import { asBuffer, microsOf, type Micros } from './cdc-time.js';
import type { CdcRow } from './cdc-session.js';
import type { GroupDefect } from './errors.js';
import { streamKey } from './log-generation.js';

/** The rows of one write to one partition of the base table, as they stand in the log. */
export interface RawGroup {
  readonly streamId: Buffer;
  readonly stream: string;
  /** `cdc$time`. */
  readonly time: Buffer;
  readonly micros: Micros;
  /** By `cdc$batch_seq_no`. */
  readonly rows: readonly CdcRow[];
  /** The columns of its rows: the same array for all groups that a page completes. */
  readonly columns: readonly string[];
  /** Undefined: whole. */
  readonly defect: GroupDefect | undefined;
}

/**
 * Puts the rows of one query into log groups. A page may end in the middle of a group, so its last rows are kept until what
 * follows shows that the group is over; only the end of the query says that nothing follows.
 */
export class LogGroupAssembler {
  #open: CdcRow[] = [];
  /** Of the page that the open group began in. */
  #columns: readonly string[] = [];

  /** The groups that these rows complete, in the order of the log. */
  add(rows: readonly CdcRow[], last: boolean): readonly RawGroup[] {
    const groups: RawGroup[] = [];
    const columns = Object.keys(rows[0] ?? {});
    for (const row of rows) {
      if (this.#open.length > 0 && !this.#continues(row)) this.#close(groups);
      if (this.#open.length === 0) this.#columns = columns;
      this.#open.push(row);
    }
    if (last || this.#ended()) this.#close(groups);
    return groups;
  }

  #continues(row: CdcRow): boolean {
    const first = this.#open[0];
    return (
      first !== undefined &&
      bytesOf(first, 'cdc$time').equals(bytesOf(row, 'cdc$time')) &&
      bytesOf(first, 'cdc$stream_id').equals(bytesOf(row, 'cdc$stream_id'))
    );
  }

  #ended(): boolean {
    return this.#open.at(-1)?.['cdc$end_of_batch'] === true;
  }

  #close(groups: RawGroup[]): void {
    const rows = this.#open;
    const [first] = rows;
    if (!first) return;
    this.#open = [];
    const streamId = bytesOf(first, 'cdc$stream_id');
    const time = bytesOf(first, 'cdc$time');
    groups.push({
      streamId,
      stream: streamKey(streamId),
      time,
      micros: microsOf(time),
      rows,
      columns: this.#columns,
      defect: defectOf(rows),
    });
  }
}

/** A group counts from 0 without gaps, and its last row, and only that, says that it is the last. */
function defectOf(rows: readonly CdcRow[]): GroupDefect | undefined {
  const end = rows.findIndex((row) => row['cdc$end_of_batch'] === true);
  if (rows.some((row, index) => row['cdc$batch_seq_no'] !== index)) return 'sequence-gap';
  if (end === -1) return 'no-end';
  return end === rows.length - 1 ? undefined : 'rows-after-end';
}

function bytesOf(row: CdcRow, column: 'cdc$stream_id' | 'cdc$time'): Buffer {
  return asBuffer(row[column] as Uint8Array);
}
