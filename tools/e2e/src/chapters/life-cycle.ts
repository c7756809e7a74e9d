import { randomUUID } from 'node:crypto';
import { accepted, invalid, json, problem } from '../answers.js';
import { BODIES, BOOK, CHANGES, STATUSES, change, place, placeAt } from '../orders.js';
import type { Change, OrderView, Status } from '../orders.js';
import { shared } from '../system-under-test.js';

const stateOf = async (orderId: string) => json<OrderView>(await shared().commands.get(`/v1/orders/${orderId}/state`));

/** Which rule forbids which command in which status; what is not here is allowed. */
const FORBIDDEN: Record<Change, Partial<Record<Status, string>>> = {
  items: all('items-change-only-while-created', ['CONFIRMED', 'SHIPPED', 'DELIVERED', 'CANCELLED']),
  confirm: all('confirm-only-from-created', ['CONFIRMED', 'SHIPPED', 'DELIVERED', 'CANCELLED']),
  ship: all('ship-only-from-confirmed', ['CREATED', 'SHIPPED', 'DELIVERED', 'CANCELLED']),
  deliver: all('deliver-only-from-shipped', ['CREATED', 'CONFIRMED', 'DELIVERED', 'CANCELLED']),
  cancel: { DELIVERED: 'cancel-only-before-delivery', CANCELLED: 'cancel-only-once' },
};
const AFTER: Record<Change, Status> = {
  items: 'CREATED',
  confirm: 'CONFIRMED',
  ship: 'SHIPPED',
  deliver: 'DELIVERED',
  cancel: 'CANCELLED',
};

/** The commands on an order, and its rules. */
export function lifeCycle(): void {
  describe('the life of an order', () => {
    it('goes from creation to delivery, one version a command', async () => {
      const { orderId, customerId } = await place();
      const items = [{ productId: 'pen', quantity: 3, unitPrice: 100 }, BOOK];
      accepted(await change('items', orderId, {}, { items, reason: 'more' }));
      accepted(await change('confirm', orderId));
      accepted(await change('ship', orderId));
      expect(accepted(await change('deliver', orderId)).version).toBe(5);
      const state = await stateOf(orderId);
      expect(state).toEqual({
        orderId,
        customerId,
        status: 'DELIVERED',
        currency: 'EUR',
        items,
        total: 3 * 100 + 2 * 1999,
        trackingNumber: 'T-1',
        carrier: 'DHL',
        signature: 'R. Receiver',
        cancelReason: null,
        createdAt: state.createdAt,
        updatedAt: state.updatedAt,
        version: 5,
      });
    });

    it.each(['CREATED', 'CONFIRMED', 'SHIPPED'] as const)('can be cancelled while %s', async (status) => {
      const { orderId } = await placeAt(status);
      accepted(await change('cancel', orderId));
      expect(await stateOf(orderId)).toMatchObject({ status: 'CANCELLED', cancelReason: 'changed my mind' });
    });

    it.each(CHANGES.flatMap((command) => STATUSES.map((status) => [command, status] as const)))(
      '%s while %s: allowed, or refused with the rule',
      async (command, status) => {
        const { orderId, version } = await placeAt(status);
        const answer = await change(command, orderId);
        const rule = FORBIDDEN[command][status];
        if (rule) {
          problem(answer, 409, 'order-rule-violated', { rule, orderStatus: status });
          expect((await stateOf(orderId)).version).toBe(version);
        } else {
          expect(accepted(answer).version).toBe(version + 1);
          expect((await stateOf(orderId)).status).toBe(AFTER[command]);
        }
      },
    );

    it('setting the items that it has already is an event still', async () => {
      const { orderId } = await place();
      expect(accepted(await change('items', orderId)).version).toBe(2);
      expect(accepted(await change('items', orderId)).version).toBe(3);
    });

    it.each(CHANGES)('%s: takes null for what is optional, and no field it does not know', async (command) => {
      const before: Record<Change, Status> = {
        items: 'CREATED',
        confirm: 'CREATED',
        ship: 'CONFIRMED',
        deliver: 'SHIPPED',
        cancel: 'CREATED',
      };
      const { orderId } = await placeAt(before[command]);
      expect(invalid(await change(command, orderId, {}, { ...BODIES[command], surprise: 1 })).join()).toContain(
        'surprise',
      );
      const nulls = {
        items: { ...BODIES.items, reason: null },
        confirm: {},
        ship: BODIES.ship,
        deliver: { signature: null },
        cancel: { reason: null },
      };
      accepted(await change(command, orderId, {}, nulls[command]));
    });

    it.each(['confirm', 'deliver', 'cancel'] as const)('%s: takes no body and an empty one', async (command) => {
      const before = command === 'deliver' ? 'SHIPPED' : 'CREATED';
      const [first, second] = [await placeAt(before), await placeAt(before)];
      accepted(await shared().commands.send('POST', `/v1/orders/${first.orderId}/${command}`));
      accepted(
        await shared().commands.send('POST', `/v1/orders/${second.orderId}/${command}`, {
          raw: '',
          headers: { 'content-type': 'application/json' },
        }),
      );
    });

    it.each<[Change, Record<string, unknown>, string]>([
      ['ship', { carrier: 'DHL' }, 'trackingNumber'],
      ['ship', { trackingNumber: 'T', carrier: '' }, 'carrier'],
      ['ship', { trackingNumber: 'x'.repeat(101), carrier: 'DHL' }, 'trackingNumber'],
      ['deliver', { signature: 'x'.repeat(1001) }, 'signature'],
      ['deliver', { signature: 'a\nb' }, 'signature'],
      ['cancel', { reason: '' }, 'reason'],
      ['cancel', { reason: 5 }, 'reason'],
      ['items', { items: [BOOK], reason: 'x'.repeat(1001) }, 'reason'],
      ['items', { items: [] }, 'items'],
      ['items', {}, 'items'],
    ])('%s given %j, answers 422 and names %s', async (command, body, field) => {
      const { orderId } = await place();
      expect(invalid(await change(command, orderId, {}, body))).toEqual([field]);
    });

    it.each(CHANGES)(
      '%s of an order that does not exist, or whose id is no UUID: 404 order-not-found',
      async (command) => {
        problem(await change(command, randomUUID()), 404, 'order-not-found');
        problem(await change(command, 'no-uuid'), 404, 'order-not-found');
      },
    );

    it('an order is found under its id in either case', async () => {
      const { orderId } = await place();
      expect(accepted(await change('confirm', orderId.toUpperCase())).orderId).toBe(orderId);
      expect((await stateOf(orderId.toUpperCase())).orderId).toBe(orderId);
    });
  });
}

function all(rule: string, statuses: readonly Status[]): Partial<Record<Status, string>> {
  return Object.fromEntries(statuses.map((status) => [status, rule]));
}
