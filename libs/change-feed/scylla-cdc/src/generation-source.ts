import { microsFromMillis, millisFromMicros, millisOf, type Micros } from './cdc-time.js';
import { readAll, type CdcConsistency, type CdcRow, type CdcSession } from './cdc-session.js';
import { LogRefusedError, readError } from './errors.js';
import { tabletGroups, type StreamGroup } from './log-generation.js';
import type { ResolvedOptions } from './options.js';
import type { Statements } from './statements.js';

/** Reads which log generations there are and what streams they have. Errors: LogUnavailableError, LogRefusedError. */
export interface GenerationSource {
  /** Begins of all generations that are kept, in any order. */
  begins(): Promise<readonly Micros[]>;
  /** The streams of one. `attempt` counts from 0: what was not found is looked for on more replicas. */
  streams(begin: Micros, attempt: number): Promise<readonly StreamGroup[]>;
}

export async function openGenerationSource(
  session: CdcSession,
  statements: Statements,
  options: ResolvedOptions,
): Promise<GenerationSource> {
  const tablets = options.topology === 'auto' ? await usesTablets(session, statements) : options.topology === 'tablets';
  return tablets ? new TabletGenerations(session, statements) : new VnodeGenerations(session, statements);
}

/** `initial_tablets` may be 0 and still mean tablets; null, no row or no such table (Cassandra) mean vnodes. */
async function usesTablets(session: CdcSession, { keyspaceTablets }: Statements): Promise<boolean> {
  try {
    const [row] = await asked(keyspaceTablets.name, () => readAll(session, keyspaceTablets, []));
    return row !== undefined && row.initial_tablets !== null && row.initial_tablets !== undefined;
  } catch (error) {
    if (error instanceof LogRefusedError) return false;
    throw error;
  }
}

class VnodeGenerations implements GenerationSource {
  constructor(
    private readonly session: CdcSession,
    private readonly statements: Statements,
  ) {}

  async begins(): Promise<readonly Micros[]> {
    const { vnodeGenerations } = this.statements;
    const rows = await this.#read(vnodeGenerations, [], 0);
    return rows.map((row) => microsFromMillis(millisOf(row.time)));
  }

  async streams(begin: Micros, attempt: number): Promise<readonly StreamGroup[]> {
    const rows = await this.#read(this.statements.vnodeStreams, [isoText(begin)], attempt);
    return rows.map((row) => ({ rangeEnd: BigInt(String(row.range_end)), ids: idsOf(row.streams) }));
  }

  /** Three replicas hold these tables: a quorum of them, all when that found nothing, one where there is only one node. */
  #read(statement: Statements['vnodeStreams'], values: readonly string[], attempt: number): Promise<readonly CdcRow[]> {
    const alone = this.session.hosts?.().length === 1;
    const consistency: CdcConsistency = alone ? 'one' : attempt % 2 === 0 ? 'quorum' : 'all';
    return asked(statement.name, () => readAll(this.session, statement, values, { consistency }));
  }
}

class TabletGenerations implements GenerationSource {
  constructor(
    private readonly session: CdcSession,
    private readonly statements: Statements,
  ) {}

  async begins(): Promise<readonly Micros[]> {
    const { tabletGenerations } = this.statements;
    const rows = await asked(tabletGenerations.name, () => readAll(this.session, tabletGenerations, []));
    return rows.map((row) => microsFromMillis(millisOf(row.timestamp)));
  }

  async streams(begin: Micros): Promise<readonly StreamGroup[]> {
    const { tabletStreams } = this.statements;
    const rows = await asked(tabletStreams.name, () => readAll(this.session, tabletStreams, [isoText(begin)]));
    return tabletGroups(rows.map((row) => row.stream_id as Uint8Array));
  }
}

async function asked<Result>(statement: string, read: () => Promise<Result>): Promise<Result> {
  try {
    return await read();
  } catch (error) {
    throw readError(statement, error);
  }
}

/** `set<blob>` arrives as an array or a Set. */
function idsOf(streams: unknown): readonly Uint8Array[] {
  return streams ? [...(streams as Iterable<Uint8Array>)] : [];
}

function isoText(begin: Micros): string {
  return new Date(millisFromMicros(begin)).toISOString();
}
