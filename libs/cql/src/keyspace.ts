import { statement, type CqlPort } from './cql-port.js';

export interface KeyspaceOptions {
  readonly keyspace: string;
  readonly dialect: 'scylla' | 'cassandra';
  /** Replicas by datacentre; `{ dc1: 3 }`. */
  readonly replication: Readonly<Record<string, number>>;
  /** ScyllaDB: tablets (2025.4 and later) or vnodes. Absent: the server's default. */
  readonly tablets?: boolean;
}

/** Makes the keyspace if it is not there; one that is there stays as it is. `port` must be connected without a keyspace. */
export async function ensureKeyspace(port: CqlPort, options: KeyspaceOptions): Promise<void> {
  const { keyspace, dialect, replication, tablets } = options;
  if (!/^[a-z][a-z0-9_]{0,47}$/.test(keyspace)) {
    throw new Error(`keyspace "${keyspace}": expected a lower-case name of up to 48 letters, digits and underscores`);
  }
  const replicas = Object.entries(replication).map(
    ([datacenter, factor]) => `'${datacenter.replaceAll(`'`, `''`)}': ${factor}`,
  );
  const spread = dialect === 'scylla' && tablets !== undefined ? ` AND tablets = {'enabled': ${tablets}}` : '';
  await port.write(
    statement(
      'keyspace.create',
      `CREATE KEYSPACE IF NOT EXISTS ${keyspace} WITH replication = {'class': 'NetworkTopologyStrategy', ${replicas.join(', ')}}${spread}`,
    ),
    [],
  );
}
