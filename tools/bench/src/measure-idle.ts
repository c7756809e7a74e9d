import { join } from 'node:path';
import { DriverCqlPort, statement, type CqlPort } from '@chronicle/cql';
import { systemClock } from '@chronicle/seams';
import { APPS, WORKERS } from '@chronicle/tool-system';
import { connectionPorts } from './connections.js';
import { processUsage } from './machine.js';
import { atMost, type Bench, type Findings, type Measurement } from './measurement.js';
import { ConnectionPool } from './http-load.js';
import { creations } from './order-requests.js';
import { RunningSystem, withSystem } from './running-system.js';

/** Orders that are made before, so that every process has done what it does. */
const ORDERS = 20;
/** Until pollers have slowed down. */
const SETTLE_MS = 10_000;
/** What a worker asks for that has nothing to do: its log's reader 20 times a second, and signs of life. */
const WORKER_QUERIES_PER_SECOND = 25;
/** In percent of one core. */
const CPU_PERCENT = 5;

const readClients = statement('bench.clients', 'SELECT port, request_count FROM system_views.clients');

/** Requests that each connection has sent so far, by its port. */
async function requestCounts(port: CqlPort): Promise<ReadonlyMap<number, number>> {
  const counts = new Map<number, number>();
  for await (const rows of port.pages(readClients, []))
    for (const row of rows) counts.set(row.port as number, Number(row.request_count));
  return counts;
}

/** What one app has had of the server and of the machine. */
interface Counted {
  readonly requests: number;
  readonly cpuMs: number;
}

class IdleBench {
  constructor(
    private readonly system: RunningSystem,
    private readonly port: CqlPort,
    private readonly bench: Bench,
  ) {}

  async measure(): Promise<Findings> {
    const { idleSeconds } = this.bench.scale;
    await this.work();
    this.bench.progress(0.3, 'waiting until there is nothing left to do');
    await systemClock.sleep(SETTLE_MS);
    const [before, serverBefore, begunAt] = [await this.counted(), this.serverCpuMs(), performance.now()];
    this.bench.progress(0.5, 'watching');
    await systemClock.sleep(idleSeconds * 1_000);
    const [after, serverAfter] = [await this.counted(), this.serverCpuMs()];
    const seconds = (performance.now() - begunAt) / 1_000;
    const rows = this.system.apps.map((app) => {
      const [from, to] = [before.get(app)!, after.get(app)!];
      return {
        process: app,
        'queries/s': (to.requests - from.requests) / seconds,
        '% of a core': (to.cpuMs - from.cpuMs) / seconds / 10,
      };
    });
    const server = serverAfter === null ? [] : [{ '% of a core': (serverAfter - serverBefore!) / seconds / 10 }];
    const total = rows.reduce((sum, row) => sum + row['queries/s'], 0);
    return {
      tables: [
        {
          title: 'what each process costs when there is nothing to do',
          rows: [...rows, ...server.map((row) => ({ process: 'the server', 'queries/s': total, ...row }))],
        },
      ],
      verdicts: rows.flatMap((row) => [
        ...(WORKERS.some((worker) => worker === row.process)
          ? [atMost(`queries/s of ${row.process} when idle`, WORKER_QUERIES_PER_SECOND, row['queries/s'])]
          : []),
        atMost(`% of a core of ${row.process} when idle`, CPU_PERCENT, row['% of a core']),
      ]),
    };
  }

  private async work(): Promise<void> {
    const pool = new ConnectionPool(this.system.port('command-service'));
    const next = creations();
    for (let order = 0; order < ORDERS; order += 1) {
      const { status } = await pool.exchange(next());
      if (status !== 201) throw new Error(`a creation was answered ${status}`);
    }
    pool.close();
    await this.system.whenCaughtUp();
  }

  private async counted(): Promise<ReadonlyMap<string, Counted>> {
    const counts = await requestCounts(this.port);
    return new Map(
      this.system.apps.map((app) => {
        const pid = this.system.pid(app);
        const requests = [...connectionPorts(pid)].reduce((sum, port) => sum + (counts.get(port) ?? 0), 0);
        return [app, { requests, cpuMs: processUsage(pid).cpuMs }];
      }),
    );
  }

  private serverCpuMs(): number | null {
    const { serverPid } = this.bench.cluster!;
    return serverPid === undefined ? null : processUsage(serverPid).cpuMs;
  }
}

/** What the whole system costs a cluster and the machine that it runs on, when nobody uses it. */
export const idle: Measurement = {
  name: 'idle',
  about: 'queries/s and CPU time of each process when there is nothing to do',
  engines: ['cassandra'],
  seconds: ({ idleSeconds }) => 15 + SETTLE_MS / 1_000 + idleSeconds,
  run: (bench) =>
    withSystem(RunningSystem.start(join(bench.folder, 'data'), APPS, {}, bench.cluster), async (system) => {
      const { contactPoints, datacenter } = bench.cluster!;
      const port = await DriverCqlPort.open({ contactPoints, localDataCenter: datacenter });
      try {
        return await new IdleBench(system, port, bench).measure();
      } finally {
        await port.close();
      }
    }),
};
