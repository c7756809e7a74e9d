import { orderEventContracts, type OrderEvent, type OrderItem } from '@chronicle/orders-contracts';
import fc from 'fast-check';
import { orderAggregate } from './order-aggregate.js';
import type { OrderCommand } from './order-commands.js';
import type { OrderState, RecordedOrderEvent } from './order-state.js';
import { orderView } from './order-view.js';

// Random command sequences against a second telling of the rules: a table of moves and, for what has no move, the rule that says so.
const moves: { readonly [statusAndCommand: string]: string } = {
  'none CreateOrder': 'CREATED',
  'CREATED UpdateOrderItems': 'CREATED',
  'CREATED ConfirmOrder': 'CONFIRMED',
  'CONFIRMED ShipOrder': 'SHIPPED',
  'SHIPPED DeliverOrder': 'DELIVERED',
  'CREATED CancelOrder': 'CANCELLED',
  'CONFIRMED CancelOrder': 'CANCELLED',
  'SHIPPED CancelOrder': 'CANCELLED',
};
const ruleNames: { readonly [command: string]: string } = {
  UpdateOrderItems: 'items-change-only-while-created',
  ConfirmOrder: 'confirm-only-from-created',
  ShipOrder: 'ship-only-from-confirmed',
  DeliverOrder: 'deliver-only-from-shipped',
};

const orderId = '01920c5e-7a3b-7c11-9f2e-3b6d8a4c5e01';
const text = fc.string({ minLength: 1, maxLength: 20, unit: 'grapheme' });
const textOrNull = fc.option(text);
const quantity = fc.oneof({ weight: 20, arbitrary: fc.integer({ min: 1, max: 1000 }) }, fc.constantFrom(0, -1, 0.5));
const unitPrice = fc.oneof({ weight: 20, arbitrary: fc.nat() }, fc.constantFrom(-1, Number.MAX_SAFE_INTEGER, 2 ** 53));
const items = fc.array(fc.record({ productId: text, quantity, unitPrice }, { noNullPrototype: true }), {
  maxLength: 4,
});
const createOrder = command('CreateOrder', { customerId: fc.uuid(), currency: fc.constantFrom('EUR', 'JPY'), items });
const commands: fc.Arbitrary<OrderCommand> = fc.oneof(
  createOrder,
  command('UpdateOrderItems', { items, reason: textOrNull }),
  { weight: 3, arbitrary: command('ConfirmOrder', {}) },
  { weight: 3, arbitrary: command('ShipOrder', { trackingNumber: text, carrier: text }) },
  { weight: 3, arbitrary: command('DeliverOrder', { signature: textOrNull }) },
  command('CancelOrder', { reason: textOrNull }),
);
// A creation first, most of the time, or most sequences would end at "not found".
const sequences = fc
  .tuple(fc.option(createOrder, { freq: 9 }), fc.array(commands, { maxLength: 20, size: 'max' }))
  .map(([first, others]) => (first === null ? others : [first, ...others]));

describe('any sequence of commands', () => {
  it('given a second telling of the rules, then both agree on every command', () => {
    fc.assert(
      fc.property(sequences, (sequence) => {
        let status = 'none';
        let accepted = 0;
        for (const { command, decision, after } of run(sequence)) {
          const next = moves[`${status} ${command.type}`];
          if ('items' in command && !areGoodItems(command.items)) {
            expect(decision).toMatchObject({ outcome: 'refused', refusal: { code: 'order-items-invalid' } });
          } else if (next === undefined) {
            expect(decision).toStrictEqual({ outcome: 'refused', refusal: refusalOf(status, command.type) });
          } else {
            expect(decision.outcome).toBe('accepted');
            status = next;
            accepted++;
          }
          expect(after?.status ?? 'none').toBe(status);
          expect(after?.version ?? 0).toBe(accepted);
        }
      }),
      { numRuns: 500 },
    );
  });

  it('given what was accepted, then it is one event, exactly with the fields of its contract, of the command and its customer', () => {
    fc.assert(
      fc.property(sequences, (sequence) => {
        for (const { command, decision, after } of run(sequence)) {
          if (decision.outcome === 'refused') continue;
          expect(decision.events).toHaveLength(1);
          const [event] = decision.events;
          const { type: _, ...fields } = command;
          expect(event.data).toStrictEqual({ ...fields, customerId: after?.customerId });
          expect(strictViolations(event)).toEqual([]);
        }
      }),
    );
  });

  it('given the state after each command, then it survives JSON, as a snapshot must, and renders the same', () => {
    fc.assert(
      fc.property(sequences, (sequence) => {
        for (const { after } of run(sequence)) {
          if (after === undefined) continue;
          const parsed: unknown = JSON.parse(JSON.stringify(after));
          expect(parsed).toStrictEqual(after);
          expect(orderAggregate.isState(parsed)).toBe(true);
          expect(BigInt(orderView(after).total)).toBe(exactTotal(after.items));
        }
      }),
    );
  });

  it('given the same events again, then the state is the same', () => {
    fc.assert(
      fc.property(sequences, (sequence) => {
        const steps = run(sequence);
        const events = steps.flatMap(({ decision }) => (decision.outcome === 'accepted' ? decision.events : []));
        expect(events.map(recorded).reduce(fold, undefined)).toStrictEqual(steps.at(-1)?.after);
      }),
    );
  });
});

function command<T extends OrderCommand['type'], F extends object>(
  type: T,
  fields: { [K in keyof F]: fc.Arbitrary<F[K]> },
): fc.Arbitrary<{ type: T; orderId: string } & F> {
  return fc.record(fields, { noNullPrototype: true }).map((values) => ({ type, orderId, ...(values as F) }));
}

function run(sequence: readonly OrderCommand[]) {
  let state: OrderState | undefined;
  let version = 0;
  return sequence.map((command) => {
    const decision = orderAggregate.handle(state, command);
    if (decision.outcome === 'accepted') {
      state = decision.events.map((event) => recorded(event, version++)).reduce(fold, state);
    }
    return { command, decision, after: state };
  });
}

function fold(state: OrderState | undefined, event: RecordedOrderEvent): OrderState {
  return state === undefined ? orderAggregate.first(event) : orderAggregate.apply(state, event);
}

function recorded(event: OrderEvent, index: number): RecordedOrderEvent {
  const timestamp = `2026-11-25T19:03:${String(index + 10)}.000Z`;
  return { ...event, aggregateId: orderId, sequenceNumber: index + 1, timestamp };
}

function refusalOf(status: string, type: OrderCommand['type']) {
  if (status === 'none') return { code: 'order-not-found' };
  if (type === 'CreateOrder') return { code: 'order-already-exists' };
  const late = status === 'DELIVERED' ? 'cancel-only-before-delivery' : 'cancel-only-once';
  return { code: 'order-rule-violated', rule: ruleNames[type] ?? late, orderStatus: status };
}

function areGoodItems(items: readonly OrderItem[]): boolean {
  const whole = items.every((item) => item.quantity > 0 && item.unitPrice >= 0 && item.quantity % 1 === 0);
  return whole && items.length > 0 && exactTotal(items) < 2n ** 53n;
}

function exactTotal(items: readonly OrderItem[]): bigint {
  return items.reduce((total, item) => total + BigInt(item.quantity) * BigInt(item.unitPrice), 0n);
}

/** Contracts are open to readers; what we write has no field more than its contract, here and in items. */
function strictViolations(event: OrderEvent): readonly string[] {
  const { currentVersion, versions } = orderEventContracts[event.type];
  const { schema, violations } = versions[currentVersion];
  return [...violations(event.data), ...unknownFields(schema as Schema, event.data)];
}

interface Schema {
  readonly properties?: { readonly [field: string]: Schema };
  readonly items?: Schema;
}

function unknownFields(schema: Schema, value: unknown): string[] {
  if (Array.isArray(value)) return value.flatMap((entry) => unknownFields(schema.items ?? {}, entry));
  if (typeof value !== 'object' || value === null) return [];
  return Object.entries(value).flatMap(([field, inner]) => {
    const known = schema.properties?.[field];
    return known === undefined ? [field] : unknownFields(known, inner);
  });
}
