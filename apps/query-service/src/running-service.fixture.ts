import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { ConsumerStore, Position } from '@chronicle/change-feed-core';
import { openEngine, type Engine } from '@chronicle/engine';
import { EMPTY_STREAM, sealEvents, type StoredEvent } from '@chronicle/event-sourcing-core';
import { orderEventCodec } from '@chronicle/orders-application';
import type { OrderEvent } from '@chronicle/orders-contracts';
import { orderProjections, type OrderProjection } from '@chronicle/orders-read-models';
import { projectionHandler, type RowChange } from '@chronicle/projection-core';
import { systemClock as clock, systemEntropy as entropy } from '@chronicle/seams';
import { createApp } from '@chronicle/service-host';
import { exportJWK, generateKeyPair, SignJWT, type CryptoKey } from 'jose';
import { queryService } from './query-service.js';

export const CUSTOMER = '6f1b2c3d-4e5f-4a6b-8c7d-9e0f1a2b3c4d';
export const OTHER_CUSTOMER = '00000000-0000-4000-8000-000000000000';
export const NO_ORDER = '01920c5e-7a3b-7c11-9f2e-3b6d8a4c5e01';

type Headers = Readonly<Record<string, string>>;

/** What a spec looks at of an answer. */
export interface Answer {
  readonly status: number;
  readonly headers: Readonly<Record<string, unknown>>;
  readonly body: Record<string, unknown>;
}

export function orderId(n: number): string {
  return `01920c5e-7a3b-7c11-9f2e-${String(n).padStart(12, '0')}`;
}

export function created(n: number, customerId = CUSTOMER): OrderEvent {
  const items = [{ productId: 'book-1', quantity: 2, unitPrice: n }];
  return { type: 'OrderCreated', data: { orderId: orderId(n), customerId, currency: 'EUR', items } };
}

export function confirmed(n: number, customerId = CUSTOMER): OrderEvent {
  return { type: 'OrderConfirmed', data: { orderId: orderId(n), customerId } };
}

/** query-service on read models in a temporary folder that a spec fills itself, spoken to without a port. */
export class RunningService {
  private readonly streams = new Map<string, StoredEvent[]>();

  private constructor(
    private readonly app: Awaited<ReturnType<typeof createApp>>,
    private readonly folder: string,
    private readonly key: CryptoKey,
    private readonly models: readonly FilledReadModel[],
  ) {}

  /** With `AUTH_MODE=off` unless `env` says otherwise; without its tables if `empty`. */
  static async start(env: Headers = {}, { empty = false, folder = newFolder() } = {}): Promise<RunningService> {
    const { privateKey, publicKey } = await generateKeyPair('ES256', { extractable: true });
    const file = join(folder, 'keys.json');
    writeFileSync(file, JSON.stringify({ keys: [{ ...(await exportJWK(publicKey)), kid: 'k', alg: 'ES256' }] }));
    const jwt = { AUTH_JWKS_FILE: file, AUTH_ISSUER: 'https://issuer.test', AUTH_AUDIENCE: 'orders' };
    const auth: Headers = env.AUTH_MODE === 'jwt' ? jwt : { AUTH_MODE: 'off' };
    const dataDir = join(folder, 'data');
    const models: FilledReadModel[] = [];
    if (!empty) for (const projection of orderProjections) models.push(await FilledReadModel.open(dataDir, projection));
    const app = await createApp(queryService, { env: { LOG_LEVEL: 'silent', DATA_DIR: dataDir, ...auth, ...env } });
    return new RunningService(app as Awaited<ReturnType<typeof createApp>>, folder, privateKey, models);
  }

  async stop(): Promise<void> {
    await this.close();
    rmSync(this.folder, { recursive: true });
  }

  /** Ends, and starts again on the same data. */
  async restart(env: Headers = {}): Promise<RunningService> {
    await this.close();
    return RunningService.start(env, { folder: this.folder });
  }

  async get(url: string, headers: Headers = {}): Promise<Answer> {
    const answer = await this.app.http.inject({ method: 'GET', url, headers });
    return { status: answer.statusCode, headers: answer.headers, body: answer.body === '' ? {} : answer.json() };
  }

  async bearer(scope: string, subject = CUSTOMER): Promise<Headers> {
    const expires = Math.floor(clock.now() / 1_000) + 3_600;
    const claims = { iss: 'https://issuer.test', aud: 'orders', sub: subject, scope, exp: expires };
    const token = await new SignJWT(claims).setProtectedHeader({ alg: 'ES256', kid: 'k' }).sign(this.key);
    return { authorization: `Bearer ${token}` };
  }

  /** Lets every projection see one more event of an order, as if it had happened at `timestamp`. */
  async happened(event: OrderEvent, timestamp = '2026-11-25T19:03:21.123Z'): Promise<void> {
    const aggregateId = event.data.orderId;
    const stream = this.streams.get(aggregateId) ?? [];
    const ids = { eventId: NO_ORDER, causationId: NO_ORDER, correlationId: NO_ORDER };
    const draft = { ...ids, ...orderEventCodec.encode(event), userId: null, metadata: {} };
    const end = stream.at(-1);
    const place = end ? { version: end.sequenceNumber, hash: end.hash, timestamp: end.timestamp } : EMPTY_STREAM;
    const sealed = sealEvents({ aggregateId, aggregateType: 'Order' }, place, [draft], timestamp);
    this.streams.set(aggregateId, [...stream, ...sealed]);
    for (const model of this.models) await model.take(aggregateId, sealed);
  }

  private async close(): Promise<void> {
    await this.app.close();
    for (const model of this.models) await model.close();
  }
}

/** One read model, written as its worker would write it, event by event. */
class FilledReadModel {
  private constructor(
    private readonly projection: OrderProjection,
    private readonly engine: Engine,
    private readonly store: ConsumerStore<RowChange>,
    private readonly epoch: number,
  ) {}

  static async open(dataDir: string, projection: OrderProjection): Promise<FilledReadModel> {
    const engine = await openEngine({ engine: 'embedded', dataDir }, { clock, entropy });
    const store = await engine.projectionStore(projection);
    const coordination = await engine.groupCoordination(projection);
    const [bucket] = await coordination.buckets();
    const claim = await coordination.take({ ...bucket!, owner: null }, 'spec');
    if (claim.outcome === 'unknown') throw claim.cause;
    const epoch = claim.outcome === 'claimed' ? claim.epoch : claim.row.epoch;
    return new FilledReadModel(projection, engine, store, epoch);
  }

  async take(aggregateId: string, events: readonly StoredEvent[]): Promise<void> {
    const known = (await this.store.positions([aggregateId])).get(aggregateId);
    const position: Position = known ?? { sequence: 0, state: null, parked: null };
    const handler = projectionHandler(this.projection, orderEventCodec);
    const [run] = await handler.handle([{ aggregateId, position, events }]);
    if (!run || run.failure) throw new Error(run?.failure?.reason ?? 'the run was not answered');
    const sequence = position.sequence + run.handled;
    const { epoch } = this;
    const advanced = { sequence, state: run.state, parked: null };
    await this.store.commit([{ aggregateId, bucket: 0, epoch, position: advanced, effects: run.effects }], []);
  }

  async close(): Promise<void> {
    await this.engine.close();
  }
}

function newFolder(): string {
  return mkdtempSync(join(tmpdir(), 'query-service-'));
}
