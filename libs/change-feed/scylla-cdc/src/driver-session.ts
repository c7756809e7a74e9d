import cassandra from 'cassandra-driver';
import type {
  CdcConsistency,
  CdcPage,
  CdcReadOptions,
  CdcRow,
  CdcSession,
  CdcStatement,
  CdcValue,
} from './cdc-session.js';
import { LogRefusedError, LogUnavailableError } from './errors.js';

type Client = Pick<cassandra.Client, 'execute' | 'hosts'>;

/**
 * Reads through a connected client of cassandra-driver, whatever its own options are: every statement is prepared, with a
 * consistency of its own; 64-bit numbers arrive as bigints and timeuuids as bytes. The client stays the caller's, who closes it
 * after the reader. Writers to CDC tables should set `policies: { timestampGeneration: null }`: by default that driver sends
 * the clock of its own machine as the time of each write.
 */
export function driverSession(client: Client): CdcSession {
  return {
    hosts: () => client.hosts.values().map((host) => host.address),
    read: (statement, values, options) => read(client, statement, values, options),
  };
}

const ROWS_MAX = 1_000;

const consistencies: Readonly<Record<CdcConsistency, cassandra.types.consistencies>> = {
  one: cassandra.types.consistencies.one,
  'local-quorum': cassandra.types.consistencies.localQuorum,
  quorum: cassandra.types.consistencies.quorum,
  all: cassandra.types.consistencies.all,
};

async function read(
  client: Client,
  statement: CdcStatement,
  values: readonly CdcValue[],
  { pageState, rowsMax = ROWS_MAX, host, consistency = 'local-quorum' }: CdcReadOptions = {},
): Promise<CdcPage> {
  try {
    const result = await client.execute(statement.cql, [...values], {
      prepare: true,
      isIdempotent: true,
      consistency: consistencies[consistency],
      fetchSize: rowsMax,
      ...(pageState !== undefined && { pageState }),
      ...(host !== undefined && { host: hostAt(client, host) }),
    });
    return { rows: plainRows(result), pageState: result.pageState ?? undefined };
  } catch (error) {
    throw isRefusal(error)
      ? new LogRefusedError(statement.name, error)
      : new LogUnavailableError(statement.name, error);
  }
}

function hostAt(client: Client, address: string): cassandra.Host {
  const host = client.hosts.get(address);
  if (!host) throw new Error(`no node at ${address} is known to the driver any more`);
  return host;
}

const { dataTypes } = cassandra.types;

/** How values of a type are turned into those of {@link CdcRow}; all others are as the driver gives them. */
const conversions: ReadonlyMap<number, (value: unknown) => unknown> = new Map([
  [dataTypes.timeuuid, (value: unknown) => (value instanceof cassandra.types.Uuid ? value.getBuffer() : value)],
  [dataTypes.uuid, (value: unknown) => String(value)],
  [dataTypes.bigint, (value: unknown) => (typeof value === 'bigint' ? value : BigInt(String(value)))],
]);

/** In place, and only the columns that need it: a log has many columns and rows, most of them null. */
function plainRows({ rows, columns }: cassandra.types.ResultSet): readonly CdcRow[] {
  for (const { name, type } of columns) {
    const convert = conversions.get(type.code);
    if (!convert) continue;
    for (const row of rows) {
      const value: unknown = row[name];
      if (value !== null && value !== undefined) row[name] = convert(value);
    }
  }
  return rows;
}

/** Native protocol (v4, section 9): syntax, no right, invalid, bad configuration. */
const REFUSALS = new Set([0x2000, 0x2100, 0x2200, 0x2300]);

function isRefusal(error: unknown): boolean {
  const { name, code } = (error ?? {}) as { readonly name?: string; readonly code?: unknown };
  return (name === 'ResponseError' && REFUSALS.has(code as number)) || name === 'ArgumentError' || name === 'TypeError';
}
