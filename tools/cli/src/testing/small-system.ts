import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { DatabaseSync, type SQLInputValue } from 'node:sqlite';
import { ConsumerWorker } from '@chronicle/change-feed-core';
import {
  openProjectionWorker,
  openRelayWorker,
  openWriter,
  type EngineConfig,
  type WorkerParts,
} from '@chronicle/engine';
import type { Append, EventStore } from '@chronicle/event-sourcing-core';
import { orderCommandExecutor, orderEventCodec, type OrderCommandExecutor } from '@chronicle/orders-application';
import type { OrderCommand } from '@chronicle/orders-domain';
import { orderProjections } from '@chronicle/orders-read-models';
import { systemClock as clock, systemEntropy as entropy, timestampText, uuidV7 } from '@chronicle/seams';
import { ORDER_RELAY } from '../groups.js';

/** A worker of any group. */
type RunningWorker = Pick<ConsumerWorker, 'status' | 'stop' | 'pause' | 'resume'>;

const UNKNOWN_VERSION = 9;

/** A server under load does not always answer in time: then the same command is asked again, this often. */
const ASKED_MAX = 10;

interface Closable {
  close(): Promise<void>;
}

/** A system without processes, for specs: the writer and the four workers over the real engine, in one temporary folder. */
export class SmallSystem {
  readonly customerId = uuidV7(clock, entropy);
  private readonly opened: Closable[] = [];
  private readonly workers = new Map<string, RunningWorker>();
  private store!: EventStore;
  private executor!: OrderCommandExecutor;

  private constructor(readonly location: EngineConfig) {}

  get dataDir(): string {
    return this.location.dataDir;
  }

  /** `cluster`: where the data lives instead of in files; migrated already. */
  static async open(cluster: Omit<EngineConfig, 'dataDir'> = { engine: 'embedded' }): Promise<SmallSystem> {
    const system = new SmallSystem({ ...cluster, dataDir: mkdtempSync(join(tmpdir(), 'small-system-')) });
    const { store, snapshots, close } = await openWriter(system.location, { clock, entropy });
    system.opened.push({ close });
    system.store = store;
    system.executor = orderCommandExecutor({
      store,
      snapshots,
      clock,
      entropy,
      settings: { snapshotEvery: 2 },
    });
    return system;
  }

  /** Starts a worker of every group. */
  async startWorkers(): Promise<void> {
    for (const projection of orderProjections) {
      await this.startWorker(
        projection.group,
        await openProjectionWorker(this.location, projection, orderEventCodec, { clock, entropy }),
      );
    }
    await this.startWorker(ORDER_RELAY.group, await openRelayWorker(this.location, ORDER_RELAY, { clock, entropy }));
  }

  /** Resolves once every group has handled what was committed before. */
  async settled(): Promise<void> {
    for (const worker of this.workers.values()) {
      while ((await worker.status()).lag.events > 0) await clock.sleep(10);
    }
  }

  worker(group: string): RunningWorker {
    return this.workers.get(group)!;
  }

  async stopWorkers(): Promise<void> {
    await Promise.all([...this.workers.values()].map((worker) => worker.stop()));
    this.workers.clear();
  }

  async execute(command: OrderCommand, correlationId = uuidV7(clock, entropy)): Promise<void> {
    const { orderId: aggregateId } = command;
    const commandId = uuidV7(clock, entropy);
    const outcome = await askedUntilKnown(() =>
      this.executor.execute({
        ...{ aggregateId, command, commandId, correlationId },
        idempotency: { key: commandId, bodyHash: '' },
        userId: null,
        metadata: { commandId },
      }),
    );
    if (outcome.outcome !== 'accepted')
      throw new Error(`${command.type} of ${aggregateId}: ${JSON.stringify(outcome)}`);
  }

  /** A new order, taken as far as `status` says; returns its id. */
  async order(status: 'CREATED' | 'CONFIRMED' | 'SHIPPED' = 'CREATED', correlationId?: string): Promise<string> {
    const orderId = uuidV7(clock, entropy);
    const items = [{ productId: 'book', quantity: 2, unitPrice: 1999 }];
    await this.execute(
      { type: 'CreateOrder', orderId, customerId: this.customerId, currency: 'EUR', items },
      correlationId,
    );
    if (status !== 'CREATED') await this.execute({ type: 'ConfirmOrder', orderId }, correlationId);
    if (status === 'SHIPPED')
      await this.execute({ type: 'ShipOrder', orderId, trackingNumber: 't-1', carrier: 'post' }, correlationId);
    return orderId;
  }

  /** Appends a confirmation in a version that no build knows: every projection parks the order. */
  async confirmInUnknownVersion(orderId: string): Promise<void> {
    const id = () => uuidV7(clock, entropy);
    const data = JSON.stringify({ orderId, customerId: this.customerId });
    const append: Append = {
      ...{ aggregateId: orderId, aggregateType: 'Order', expected: 'any', now: timestampText(clock.now()) },
      events: [
        {
          ...{ eventId: id(), eventType: 'OrderConfirmed', eventVersion: UNKNOWN_VERSION, eventData: data },
          ...{ causationId: id(), correlationId: id(), userId: null, metadata: {} },
        },
      ],
      command: { key: id(), bodyHash: '' },
    };
    await askedUntilKnown(() => this.store.append(append));
  }

  /** What a newer build would do: it knows that version. */
  makeKnown(orderId: string): void {
    this.tamper(
      'events.db',
      'UPDATE events SET event_version = 1 WHERE event_version = ? AND aggregate_id = ?',
      UNKNOWN_VERSION,
      orderId,
    );
  }

  /** Changes a file behind the back of everybody. Returns how many rows changed. */
  tamper(file: string, sql: string, ...parameters: SQLInputValue[]): number {
    const database = new DatabaseSync(join(this.dataDir, file), { timeout: 5000 });
    try {
      return Number(database.prepare(sql).run(...parameters).changes);
    } finally {
      database.close();
    }
  }

  async close(): Promise<void> {
    await this.stopWorkers();
    await this.executor.drain();
    for (const part of this.opened.reverse()) await part.close();
    rmSync(this.dataDir, { recursive: true });
  }

  private async startWorker<Effect>(group: string, parts: WorkerParts<Effect>): Promise<void> {
    this.opened.push(parts);
    const worker = new ConsumerWorker({ ...parts, group, instanceId: uuidV7(clock, entropy), clock, entropy });
    await worker.start();
    this.workers.set(group, worker);
  }
}

async function askedUntilKnown<Outcome extends { readonly outcome: string }>(
  ask: () => Promise<Outcome>,
): Promise<Outcome> {
  let outcome = await ask();
  for (let asked = 1; outcome.outcome === 'unknown' && asked < ASKED_MAX; asked += 1) outcome = await ask();
  return outcome;
}
