import { isReceipt, type CommandOutcome, type CommandRequest } from '@chronicle/event-sourcing-core';
import type { OrderCommand, OrderRefusal, OrderState } from '@chronicle/orders-domain';
import { systemClock, systemEntropy } from '@chronicle/seams';
import { HandleOrderCommand, type OrderCommandRequest } from './handle-order-command.js';

type Request = CommandRequest<OrderState, OrderCommand>;

/** An executor that accepts everything and keeps what it was asked. */
class RecordingExecutor {
  readonly asked: Request[] = [];
  async execute(request: Request): Promise<CommandOutcome<OrderRefusal>> {
    this.asked.push(request);
    return { outcome: 'accepted', version: 1, replayed: false };
  }
}

const orderId = '01920c5e-7a3b-7c11-9f2e-3b6d8a4c5e01';
const otherId = '01920c5e-7a3b-7c11-9f2e-3b6d8a4c5e02';
const customerId = '6f1b2c3d-4e5f-4a6b-8c7d-9e0f1a2b3c4d';
const correlationId = '0192aaaa-7a3b-7c11-9f2e-3b6d8a4c5e01';
const create = {
  type: 'CreateOrder',
  customerId,
  currency: 'EUR',
  items: [{ productId: 'a', quantity: 1, unitPrice: 5 }],
} as const;

const request: OrderCommandRequest = {
  orderId: null,
  command: create,
  body: { customerId, currency: 'EUR', items: create.items },
  scope: { issuer: 'https://issuer.test', subject: 'alice', method: 'POST', path: '/v1/orders' },
  idempotencyKey: undefined,
  access: { customerId, everyCustomer: false },
  expectedVersion: undefined,
  correlationId,
  causationId: undefined,
  traceparent: undefined,
};

function given() {
  const executor = new RecordingExecutor();
  return { executor, handler: new HandleOrderCommand(executor, { clock: systemClock, entropy: systemEntropy }) };
}

async function handled(changes: Partial<OrderCommandRequest>) {
  const { executor, handler } = given();
  return { ...(await handler.execute({ ...request, ...changes })), asked: executor.asked[0]! };
}

describe('HandleOrderCommand: ids', () => {
  it('given no key, then each command is another one, and sending its id as the key repeats it, in either case', async () => {
    const first = await handled({});
    const second = await handled({});
    expect(isReceipt(first.commandId)).toBe(true);
    expect(second.commandId).not.toBe(first.commandId);
    expect(second.orderId).not.toBe(first.orderId);
    for (const idempotencyKey of [first.commandId, first.commandId.toUpperCase()]) {
      const repeat = await handled({ idempotencyKey });
      expect(repeat).toMatchObject({ orderId: first.orderId, commandId: first.commandId });
      expect(repeat.asked.idempotency).toEqual(first.asked.idempotency);
    }
  });

  it('given a key and no order in the body, then the order and the command are named by the key', async () => {
    const first = await handled({ idempotencyKey: 'k1' });
    const repeat = await handled({ idempotencyKey: 'k1' });
    expect(repeat).toMatchObject({ orderId: first.orderId, commandId: first.commandId });
    expect(first.orderId[14]).toBe('8');
    expect(first.commandId[14]).toBe('8');
    expect(await handled({ idempotencyKey: 'k2' })).not.toMatchObject({ orderId: first.orderId });
  });

  it('given a key and another order in the body, then it is another command', async () => {
    const first = await handled({ idempotencyKey: 'k1', orderId });
    const repeat = await handled({ idempotencyKey: 'k1', orderId });
    const other = await handled({ idempotencyKey: 'k1', orderId: otherId });
    expect(first.orderId).toBe(orderId);
    expect(repeat.commandId).toBe(first.commandId);
    expect(other.commandId).not.toBe(first.commandId);
  });

  it.each([
    ['issuer', { issuer: 'https://other.test' }],
    ['subject', { subject: 'bob' }],
    ['method', { method: 'PUT' }],
    ['path', { path: `/v1/orders/${orderId}/confirm` }],
  ])('given the same key of another %s, then it is another key', async (_, change) => {
    const first = await handled({ idempotencyKey: 'k1' });
    const other = await handled({ idempotencyKey: 'k1', scope: { ...request.scope, ...change } });
    expect(other.asked.idempotency.key).not.toBe(first.asked.idempotency.key);
  });
});

describe('HandleOrderCommand: what is told of it', () => {
  it.each([
    [{ outcome: 'accepted', version: 1, replayed: false }, 'accepted'],
    [{ outcome: 'accepted', version: 1, replayed: true }, 'replayed'],
    [{ outcome: 'not-found' }, 'not-found'],
  ] as const)('given %j, then %s', async (result, expected) => {
    const told: string[] = [];
    const surroundings = {
      clock: systemClock,
      entropy: systemEntropy,
      onHandled: (...news: string[]) => void told.push(...news),
    };
    await new HandleOrderCommand({ execute: () => Promise.resolve(result) }, surroundings).execute(request);
    expect(told).toEqual(['CreateOrder', expected]);
  });
});

describe('HandleOrderCommand: what the executor is asked', () => {
  it('given a creation, then who, why and in which flow go with it', async () => {
    const { asked, commandId } = await handled({ orderId, traceparent: '00-1-2-01' });
    expect(asked).toEqual({
      aggregateId: orderId,
      command: { ...create, orderId },
      commandId,
      idempotency: { key: expect.stringMatching(/^[0-9a-f]{64}$/), bodyHash: expect.stringMatching(/^[0-9a-f]{64}$/) },
      expectedVersion: undefined,
      correlationId,
      causationId: undefined,
      userId: 'alice',
      metadata: { commandId, traceparent: '00-1-2-01' },
    });
  });

  it('given a creation that is no repeat and names no order, then there can be none', async () => {
    expect((await handled({})).asked.isNew).toBe(true);
    for (const changes of [
      { orderId },
      { idempotencyKey: 'k' },
      { orderId, command: { type: 'ConfirmOrder' } },
    ] as const)
      expect((await handled(changes)).asked.isNew).toBeUndefined();
  });

  it('given bodies that are equal as JSON values, then their digests are equal; and only then', async () => {
    const { asked: first } = await handled({ body: { a: 1, b: [true, null] } });
    const { asked: reordered } = await handled({ body: { b: [true, null], a: 1.0 } });
    const { asked: other } = await handled({ body: { a: 1, b: [null, true] } });
    expect(reordered.idempotency.bodyHash).toBe(first.idempotency.bodyHash);
    expect(other.idempotency.bodyHash).not.toBe(first.idempotency.bodyHash);
  });

  it('given a change, then only orders within reach are visible', async () => {
    const { asked } = await handled({ orderId, command: { type: 'ConfirmOrder' } });
    expect(asked.visible?.({ customerId } as OrderState)).toBe(true);
    expect(asked.visible?.({ customerId: otherId } as OrderState)).toBe(false);
  });
});
