import { namedCluster } from '@chronicle/tool-system';
import type { Database } from '@chronicle/tool-system';
import { startCassandra } from '@chronicle/tool-servers';
import type { CassandraServers, ServerNode } from '@chronicle/tool-servers';

/** Nodes of Cassandra of a run's own, so that it may kill them. Of several, each keeps every row. */
export class CassandraNodes implements Database {
  private servers: CassandraServers | undefined;

  constructor(private readonly options: { readonly dataDir: string; readonly nodes: number }) {}

  get nodes(): readonly ServerNode[] {
    return this.servers?.nodes ?? [];
  }

  async start(tell: (line: string) => void) {
    const { dataDir, nodes } = this.options;
    this.servers = await startCassandra({ dataDir, nodes, progress: tell });
    const { contactPoints, localDataCenter: writeDatacenter } = this.servers;
    const engine = { engine: 'cassandra', dataDir, contactPoints, writeDatacenter } as const;
    return namedCluster({ engine, replication: { [writeDatacenter]: nodes } }).start(tell);
  }

  async stop(): Promise<void> {
    await this.servers?.stop();
  }
}
