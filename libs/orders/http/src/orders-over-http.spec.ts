import { StoreUnavailableError, type CommandOutcome } from '@chronicle/event-sourcing-core';
import {
  HandleOrderCommand,
  ListCustomerOrders,
  ListOrdersByStatus,
  ReadOrder,
  ReadOrderEvents,
  ReadOrderState,
  type OrderCommandRequest,
} from '@chronicle/orders-application';
import type { OrderRefusal } from '@chronicle/orders-domain';
import { armFailpoints } from '@chronicle/seams';
import { createApp, type App } from '@chronicle/service-host';
import { OrderCommandsModule, OrderQueriesModule } from './index.js';

const orderId = '01920c5e-7a3b-7c11-9f2e-3b6d8a4c5e01';
const commandId = '01920c5e-7a3b-7c11-9f2e-3b6d8a4c5e02';

/** A use case whose every call is answered by `answer`. */
function standIn<UseCase extends object>(
  type: { readonly prototype: UseCase },
  answer: (request: never) => Promise<unknown>,
): UseCase {
  return Object.assign(Object.create(type.prototype) as UseCase, { execute: answer });
}

const nothing = () => Promise.resolve({ outcome: 'not-found' });
const env = { AUTH_MODE: 'off', LOG_LEVEL: 'silent' };

let result: () => CommandOutcome<OrderRefusal>;
const asked: OrderCommandRequest[] = [];
let commands: App;
let queries: App;

beforeAll(async () => {
  const handle = async (request: OrderCommandRequest) => {
    asked.push(request);
    return { orderId, commandId, result: result() };
  };
  const write = {
    commands: standIn(HandleOrderCommand, handle),
    state: standIn(ReadOrderState, nothing),
    events: standIn(ReadOrderEvents, nothing),
  };
  const read = {
    order: standIn(ReadOrder, nothing),
    ofCustomer: standIn(ListCustomerOrders, nothing),
    byStatus: standIn(ListOrdersByStatus, nothing),
  };
  commands = await createApp(
    { name: 'commands', defaultPort: 0, compose: () => OrderCommandsModule.over(write) },
    { env },
  );
  queries = await createApp({ name: 'queries', defaultPort: 0, compose: () => OrderQueriesModule.over(read) }, { env });
});
afterAll(async () => {
  await commands.close();
  await queries.close();
});

function confirm(headers: Record<string, string> = {}) {
  return commands.http.inject({ method: 'POST', url: `/v1/orders/${orderId.toUpperCase()}/confirm`, headers });
}

describe('what became of a command', () => {
  it.each<[CommandOutcome<OrderRefusal>, number, object]>([
    [{ outcome: 'contended', attempts: 10 }, 409, { code: 'concurrent-modification' }],
    [{ outcome: 'unknown', cause: new Error('disk') }, 503, { code: 'outcome-unknown', orderId, commandId }],
    [{ outcome: 'key-reused' }, 422, { code: 'idempotency-key-reused' }],
    [
      { outcome: 'version-mismatch', expectedVersion: 3, actualVersion: 4 },
      412,
      { expectedVersion: 3, actualVersion: 4 },
    ],
  ])('given %j, then it answers %d, names the command as the cause, and has no tag', async (outcome, status, facts) => {
    result = () => outcome;
    const answer = await confirm();
    expect(answer.statusCode).toBe(status);
    expect(answer.json()).toMatchObject(facts);
    expect(answer.headers['x-causation-id']).toBe(commandId);
    expect(answer.headers.etag).toBeUndefined();
    expect(answer.headers['retry-after']).toBe(status === 503 ? '1' : undefined);
  });

  it('given a store that cannot be reached, then 503, when to try again, and nothing of the driver', async () => {
    result = () => {
      throw new StoreUnavailableError('SQLITE_FULL: /var/data/events.db');
    };
    const answer = await confirm();
    expect([answer.statusCode, answer.headers['retry-after'], answer.json().code]).toEqual([
      503,
      '1',
      'store-unavailable',
    ]);
    expect(answer.body).not.toContain('SQLITE');
  });

  it('given an error that nobody foresaw, then 500 and nothing of it', async () => {
    result = () => {
      throw new Error('secret');
    };
    const answer = await confirm();
    expect([answer.statusCode, answer.json().code]).toEqual([500, 'internal-error']);
    expect(answer.body).not.toContain('secret');
  });
});

describe('what the use case is asked', () => {
  it('given a path id in capitals, then order and scope of the key are in lower case', async () => {
    result = () => ({ outcome: 'accepted', version: 2, replayed: true });
    const correlationId = '0192aaaa-7a3b-7c11-9f2e-3b6d8a4c5e01';
    const answer = await confirm({ 'idempotency-key': 'k', 'if-match': '"1"', 'x-correlation-id': correlationId });
    expect(answer.json()).toEqual({ orderId, version: 2, commandId });
    expect(asked.at(-1)).toEqual({
      orderId,
      command: { type: 'ConfirmOrder' },
      access: { customerId: null, everyCustomer: true },
      body: {},
      scope: { issuer: null, subject: null, method: 'POST', path: `/v1/orders/${orderId}/confirm` },
      idempotencyKey: 'k',
      expectedVersion: 1,
      correlationId,
      causationId: undefined,
      traceparent: undefined,
    });
  });

  it('given a cause, then it is handed on and answered', async () => {
    result = () => ({ outcome: 'accepted', version: 2, replayed: false });
    const causationId = '0192bbbb-7a3b-7c11-9f2e-3b6d8a4c5e01';
    const answer = await confirm({ 'x-causation-id': causationId });
    expect(answer.headers['x-causation-id']).toBe(causationId);
    expect(asked.at(-1)?.causationId).toBe(causationId);
  });
});

describe('failpoint before-reply', () => {
  afterEach(() => armFailpoints(''));

  it('given it is armed, then it strikes after the command was accepted', async () => {
    result = () => ({ outcome: 'accepted', version: 2, replayed: false });
    armFailpoints('before-reply:1:throw');
    const before = asked.length;
    expect((await confirm()).statusCode).toBe(500);
    expect((await confirm()).statusCode).toBe(200);
    expect(asked.length).toBe(before + 2);
  });
});

describe('OpenAPI', () => {
  it('names every route with every status it can answer and every header it reads', async () => {
    const operations: string[] = [];
    for (const app of [commands, queries]) {
      const { paths } = (await app.http.inject('/openapi.json')).json();
      for (const [path, methods] of Object.entries<
        Record<string, { responses: object; parameters: { in: string; name: string }[] }>
      >(paths)) {
        if (!path.startsWith('/v1/')) continue;
        for (const [method, { responses, parameters }] of Object.entries(methods)) {
          const headers = parameters.filter((parameter) => parameter.in === 'header').map(({ name }) => name);
          operations.push(`${method} ${path}: ${Object.keys(responses).join(' ')}; ${headers.join(' ')}`);
        }
      }
    }
    const change =
      '200 400 401 403 404 408 409 412 413 415 422 429 431 500 503; X-Correlation-Id X-Causation-Id Idempotency-Key If-Match traceparent';
    const read = '200 400 401 403 404 422 429 431 500 503; X-Correlation-Id';
    expect(operations).toEqual([
      'post /v1/orders: 201 400 401 403 408 409 413 415 422 429 431 500 503; X-Correlation-Id X-Causation-Id Idempotency-Key traceparent',
      `put /v1/orders/{id}/items: ${change}`,
      `post /v1/orders/{id}/confirm: ${change}`,
      `post /v1/orders/{id}/ship: ${change}`,
      `post /v1/orders/{id}/deliver: ${change}`,
      `post /v1/orders/{id}/cancel: ${change}`,
      `get /v1/orders/{id}/state: ${read}`,
      `get /v1/orders/{id}/events: ${read}`,
      'get /v1/orders/{id}: 200 304 400 401 403 404 409 422 429 431 500 503; X-Correlation-Id If-None-Match',
      `get /v1/customers/{customerId}/orders: ${read}`,
      'get /v1/orders: 200 400 401 403 422 429 431 500 503; X-Correlation-Id',
    ]);
  });
});
