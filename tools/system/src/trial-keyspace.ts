import { randomBytes } from 'node:crypto';
import { DriverCqlPort, statement } from '@chronicle/cql';
import type { EngineConfig } from '@chronicle/engine';
import { namedCluster, type Database } from './database.js';

/** A cluster that is there already. */
export interface TrialCluster {
  readonly engine: 'cassandra' | 'scylla';
  readonly contactPoints: readonly string[];
  readonly writeDatacenter: string;
}

/** A cluster that is busy with tests takes its time to drop tables. */
const REQUEST_TIMEOUT_MS = 60_000;

/** A keyspace of its own on a cluster that others use too: made with all tables at the start, dropped at the stop. */
export class TrialKeyspace implements Database {
  readonly keyspace = `trial_${process.pid}_${randomBytes(4).toString('hex')}`;

  constructor(
    private readonly cluster: TrialCluster,
    private readonly dataDir: string,
  ) {}

  start(tell: (line: string) => void): Promise<EngineConfig> {
    const engine = { ...this.cluster, dataDir: this.dataDir, keyspace: this.keyspace };
    return namedCluster({ engine, replication: { [engine.writeDatacenter]: 1 } }).start(tell);
  }

  async stop(): Promise<void> {
    const { contactPoints, writeDatacenter: localDataCenter } = this.cluster;
    const port = await DriverCqlPort.open({ contactPoints, localDataCenter, requestTimeoutMs: REQUEST_TIMEOUT_MS });
    try {
      await port.write(statement('trial.drop-keyspace', `DROP KEYSPACE IF EXISTS ${this.keyspace}`), []);
    } finally {
      await port.close();
    }
  }
}
