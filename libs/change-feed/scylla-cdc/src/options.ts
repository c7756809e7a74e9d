import { machineClock, type CdcClock } from './cdc-clock.js';
import type { CdcObserver } from './cdc-observer.js';
import type { CdcSession } from './cdc-session.js';
import { ReaderOptionsError } from './errors.js';
import { SCYLLA_METADATA_TABLES, type MetadataTables } from './metadata-tables.js';
import type { PrimaryKey } from './partition-key.js';
import { BUCKETS_MAX } from './token-ring.js';

/** Defaults and meaning of each setting are in the README too. All times are milliseconds. */
export interface CdcReaderSettings {
  /** Slices of the token ring. Fixed for the life of the checkpoints: with another number a key changes its bucket. */
  readonly bucketCount: number;
  /** The share of the retention within which a checkpoint is trusted: older ones are refused. */
  readonly retentionShareMax: number;
  /** The fast pass comes this often while there are changes, … */
  readonly pollIntervalMs: number;
  /** … and ever more seldom, down to this, while there are none. */
  readonly pollIntervalIdleMs: number;
  /** How far before the newest change a fast pass begins; raised to the measured clock skew of the nodes. */
  readonly fastOverlapMs: number;
  /** The safe pass comes this often. */
  readonly safeIntervalMs: number;
  /** The age from which no slower write is expected any more; raised to `writeTimeoutMs` and the measured clock skew. */
  readonly confidenceWindowMs: number;
  /** How long the database may take to acknowledge a write (`write_request_timeout_in_ms`). */
  readonly writeTimeoutMs: number;
  /** Each slice of the log is read once more when it is this old; 0: never. */
  readonly lookBackMs: number;
  /** The length of such a slice. */
  readonly lookBackSliceMs: number;
  /** A bucket further behind than this catches up in windows of its own. */
  readonly behindMs: number;
  /** The first window of a catch-up. It doubles while it holds few rows and halves when it holds many. */
  readonly catchUpWindowMs: number;
  /** The rows that a window of a catch-up should hold. */
  readonly catchUpRows: number;
  /** The most rows of a page, and so about the most that one call of `next` hands out. */
  readonly pageRowsMax: number;
  /** The most stream ids of one query; servers refuse more than 100. */
  readonly idsPerQueryMax: number;
  /** The most queries to the log at a time: half for live passes, half for catching up, of which one looks back. At least 4. */
  readonly concurrentQueriesMax: number;
  /** How often a page is asked for again before its pass fails, … */
  readonly pageRetriesMax: number;
  /** … waiting this long, then twice as long each time, … */
  readonly retryDelayMs: number;
  /** … and this long at most; so do failed passes. */
  readonly retryDelayMaxMs: number;
  /** New log generations are looked for this often. */
  readonly metadataIntervalMs: number;
  /** How long before its begin a new log generation can be seen by everybody, at least (ScyllaDB: 65 s). */
  readonly generationLeadMs: number;
  /** How long a needed generation may stay unreadable before `next` says so. */
  readonly generationWaitMs: number;
  /** The clocks of the nodes are compared this often. */
  readonly clockIntervalMs: number;
  /** A bucket without changes gets a checkpoint this often. */
  readonly idleCheckpointIntervalMs: number;
  /** Log groups that a bucket remembers to drop repeats; beyond, repeats are handed out. */
  readonly knownGroupsMax: number;
}

export interface CdcReaderOptions extends Partial<CdcReaderSettings> {
  readonly session: CdcSession;
  /** Of the base table. */
  readonly keyspace: string;
  /** The base table, not its log. */
  readonly table: string;
  /** How long rows stay in the log: the `ttl` of the table's `cdc` option × 1000 (ScyllaDB's default: 86,400,000); `Infinity` for 0. */
  readonly retentionMs: number;
  /** Default: `table` + `_scylla_cdc_log`. */
  readonly logTable?: string;
  /** Default `auto`: asks `metadataTables.keyspaces`; where that table does not exist, vnodes. */
  readonly topology?: 'auto' | 'vnodes' | 'tablets';
  /** Default {@link SCYLLA_METADATA_TABLES}. */
  readonly metadataTables?: MetadataTables;
  /** Adds `BYPASS CACHE`, which only ScyllaDB knows, to reads of the log. Default true. */
  readonly bypassCache?: boolean;
  /** Default: asked from `system_schema.columns`. */
  readonly primaryKey?: PrimaryKey;
  /**
   * Reads only these columns beside the key, and not which of their values were deleted: less work where rows are only ever
   * inserted. Default: all columns.
   */
  readonly columns?: readonly string[];
  /** What to do with a log group that breaks the rules of the log. Default `refuse`. */
  readonly brokenGroups?: 'refuse' | 'deliver';
  readonly observer?: CdcObserver;
  /** Default: the clock of this machine. */
  readonly clock?: CdcClock;
}

export type ResolvedOptions = CdcReaderSettings &
  Omit<Required<CdcReaderOptions>, 'primaryKey' | 'columns'> &
  Pick<CdcReaderOptions, 'primaryKey' | 'columns'>;

const DEFAULTS: CdcReaderSettings = {
  bucketCount: 32,
  retentionShareMax: 0.8,
  pollIntervalMs: 50,
  pollIntervalIdleMs: 500,
  fastOverlapMs: 250,
  safeIntervalMs: 1_000,
  confidenceWindowMs: 3_000,
  writeTimeoutMs: 2_000,
  lookBackMs: 600_000,
  lookBackSliceMs: 60_000,
  behindMs: 15_000,
  catchUpWindowMs: 60_000,
  catchUpRows: 50_000,
  pageRowsMax: 1_000,
  idsPerQueryMax: 100,
  concurrentQueriesMax: 16,
  pageRetriesMax: 3,
  retryDelayMs: 100,
  retryDelayMaxMs: 5_000,
  metadataIntervalMs: 10_000,
  generationLeadMs: 30_000,
  generationWaitMs: 30_000,
  clockIntervalMs: 30_000,
  idleCheckpointIntervalMs: 10_000,
  knownGroupsMax: 20_000,
};

/** With defaults, checked. Throws {@link ReaderOptionsError}. */
export function resolveOptions(options: CdcReaderOptions): ResolvedOptions {
  const resolved: ResolvedOptions = {
    ...DEFAULTS,
    logTable: `${options.table}_scylla_cdc_log`,
    topology: 'auto',
    metadataTables: SCYLLA_METADATA_TABLES,
    bypassCache: true,
    brokenGroups: 'refuse',
    observer: {},
    clock: machineClock,
    ...given(options),
  };
  checkNumbers(resolved);
  checkTogether(resolved);
  return Object.freeze(resolved);
}

/** What is undefined counts as absent. */
function given(options: CdcReaderOptions): CdcReaderOptions {
  return Object.fromEntries(
    Object.entries(options).filter(([, value]) => value !== undefined),
  ) as unknown as CdcReaderOptions;
}

const ZERO_ALLOWED = new Set(['lookBackMs', 'fastOverlapMs', 'generationLeadMs', 'pageRetriesMax']);

function checkNumbers(options: ResolvedOptions): void {
  for (const name of Object.keys(DEFAULTS) as (keyof CdcReaderSettings)[]) {
    const value: unknown = options[name];
    const least = ZERO_ALLOWED.has(name) ? 0 : Number.MIN_VALUE;
    if (typeof value !== 'number' || !Number.isFinite(value) || value < least) {
      throw new ReaderOptionsError(name, `expected a number ${least === 0 ? '≥' : '>'} 0, found ${String(value)}`);
    }
  }
  for (const name of [
    'bucketCount',
    'pageRowsMax',
    'idsPerQueryMax',
    'concurrentQueriesMax',
    'knownGroupsMax',
  ] as const) {
    if (!Number.isInteger(options[name]))
      throw new ReaderOptionsError(name, `expected an integer, found ${options[name]}`);
  }
}

function checkTogether(options: ResolvedOptions): void {
  const { retentionMs, confidenceWindowMs, writeTimeoutMs, lookBackMs, lookBackSliceMs, behindMs } = options;
  const rules: readonly [boolean, string, string][] = [
    [retentionMs > 0, 'retentionMs', 'expected milliseconds > 0, or Infinity'],
    [options.bucketCount <= BUCKETS_MAX, 'bucketCount', `must be at most ${BUCKETS_MAX}`],
    [options.retentionShareMax <= 1, 'retentionShareMax', 'must be at most 1'],
    [
      options.idsPerQueryMax <= 100,
      'idsPerQueryMax',
      'must be at most 100: servers refuse more partitions in one query',
    ],
    [options.concurrentQueriesMax >= 4, 'concurrentQueriesMax', 'must be at least 4'],
    [options.pollIntervalMs <= options.pollIntervalIdleMs, 'pollIntervalMs', 'must not exceed pollIntervalIdleMs'],
    [
      confidenceWindowMs > writeTimeoutMs,
      'confidenceWindowMs',
      'must exceed writeTimeoutMs, or slow writes are missed',
    ],
    [
      behindMs > confidenceWindowMs + options.safeIntervalMs,
      'behindMs',
      'must exceed confidenceWindowMs + safeIntervalMs',
    ],
    [lookBackMs === 0 || lookBackMs > behindMs, 'lookBackMs', 'must exceed behindMs, or be 0'],
    [lookBackMs === 0 || lookBackSliceMs <= lookBackMs, 'lookBackSliceMs', 'must not exceed lookBackMs'],
    [
      retentionMs * options.retentionShareMax > lookBackMs + behindMs,
      'retentionMs',
      'must exceed lookBackMs + behindMs by far',
    ],
  ];
  const broken = rules.find(([holds]) => !holds);
  if (broken) throw new ReaderOptionsError(broken[1], broken[2]);
}
