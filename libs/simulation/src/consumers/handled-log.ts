import { bucketOfKey } from '@chronicle/scylla-cdc';
import type { CqlValue } from '@chronicle/cql';
import type { Mutation } from '../database/memory-table.js';
import type { Tables } from '../database/tables.js';
import { thingsByShelf } from './things-by-shelf.js';

const KEY = [{ name: 'aggregate_id', type: 'uuid' }];
/** What took longer from its stamp on may lie where a reader has passed: its writer writes it again. */
const READABLE_WITHIN_MS = 950;
const CURRENT = 0;

interface ReadableRow {
  readonly aggregateId: string;
  readonly sequence: number;
  readonly bucket: number;
  /** By the clock of its node, µs since 1970. */
  readonly stampedAt: number;
}

/**
 * The rows of the change log that a reader must find: in a stream of the generation of their time, and readable in time. No
 * checkpoint may be past one of them whose event has not taken effect.
 */
export class HandledLog {
  readonly #rows: ReadableRow[] = [];
  readonly findings: string[] = [];

  constructor(private readonly bucketCount: number) {}

  /** `now` is the true time, as is `receivedAt`. */
  note(mutations: readonly Mutation[], receivedAt: number, tables: Tables, now: number): void {
    for (const mutation of mutations) {
      if (mutation.kind !== 'put') continue;
      if (mutation.table === tables.outbox_messages_scylla_cdc_log && now - receivedAt < READABLE_WITHIN_MS) {
        this.#noteRow(mutation, tables, now);
      } else if (mutation.table === tables.consumer_checkpoints) {
        this.#checkCheckpoint(mutation, tables, now);
      }
    }
  }

  #noteRow({ partition, cells, stamp }: Mutation & { readonly kind: 'put' }, tables: Tables, now: number): void {
    if (!isReadable(partition[0], stamp.timestamp, tables, now)) return;
    const aggregateId = cells.aggregate_id as string;
    const bucket = bucketOfKey({ aggregate_id: aggregateId }, KEY, this.bucketCount);
    this.#rows.push({ aggregateId, bucket, sequence: Number(cells.sequence_number), stampedAt: stamp.timestamp });
  }

  #checkCheckpoint({ clustering, cells }: Mutation & { readonly kind: 'put' }, tables: Tables, now: number): void {
    const time = timeOf(String(cells.checkpoint));
    for (const { aggregateId, sequence, bucket, stampedAt } of this.#rows) {
      if (bucket !== clustering?.[0] || stampedAt >= time) continue;
      const [position] = tables.projection_state.find(
        [thingsByShelf.group, thingsByShelf.version, aggregateId],
        ['sequence'],
        now,
      );
      if (Number(position?.row.sequence ?? 0) >= sequence) continue;
      this.findings.push(
        `a checkpoint of bucket ${bucket} is past event ${sequence} of ${aggregateId}, which had no effect`,
      );
    }
  }
}

/** µs since 1970; 0 of one that is no place in the log. */
function timeOf(checkpoint: string): number {
  return Number(/ v1\/(?:-|\d+)\/(\d+)\//.exec(checkpoint)?.[1] ?? 0);
}

function isReadable(stream: CqlValue, stampedAt: number, tables: Tables, now: number): boolean {
  const id = hex(stream);
  const at = stampedAt / 1_000;
  const vnodes = tables.cdc_streams_descriptions_v2.scan(['time', 'streams'], now).map(({ row }) => ({
    begin: Date.parse(row.time as string),
    streams: [...(row.streams as ReadonlySet<Uint8Array>)].map(hex),
  }));
  const tablets = tables.cdc_streams
    .scan(['timestamp', 'stream_state', 'stream_id'], now)
    .filter(({ row }) => row.stream_state === CURRENT)
    .map(({ row }) => ({ begin: Date.parse(row.timestamp as string), streams: [hex(row.stream_id)] }));
  const begun = [...vnodes, ...tablets].filter(({ begin }) => begin <= at);
  const current = Math.max(...begun.map(({ begin }) => begin));
  return begun.some(({ begin, streams }) => begin === current && streams.includes(id));
}

function hex(value: CqlValue): string {
  return Buffer.from(value as Uint8Array).toString('hex');
}
