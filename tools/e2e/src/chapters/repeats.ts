import { randomUUID } from 'node:crypto';
import { accepted, json, problem } from '../answers.js';
import { BOOK, change, creation, place, placeAt } from '../orders.js';
import { shared } from '../system-under-test.js';

const create = (body: unknown, key: string) => shared().commands.post('/v1/orders', body, { 'idempotency-key': key });
const rawCreate = (raw: string, key: string) =>
  shared().commands.send('POST', '/v1/orders', {
    raw,
    headers: { 'idempotency-key': key, 'content-type': 'application/json' },
  });
const versionOf = async (orderId: string) =>
  json<{ version: number }>(await shared().commands.get(`/v1/orders/${orderId}/state`)).version;

/** Idempotency-Key: a repeat is harmless. */
export function repeats(): void {
  describe('a repeat', () => {
    it('of a creation without an id gets the first answer, with Location and ETag, and creates nothing', async () => {
      const [body, key] = [creation(), randomUUID()];
      const first = await create(body, key);
      const again = await create(body, key);
      accepted(first, 201);
      accepted(again, 201);
      expect(again.text).toBe(first.text);
      expect(accepted(first, 201).orderId[14]).toBe('8');
      expect(await versionOf(accepted(first, 201).orderId)).toBe(1);
    });

    it('of a change gets the first answer, also when the order has moved on and If-Match no longer holds', async () => {
      const { orderId } = await place();
      const headers = { 'idempotency-key': 'confirm it', 'if-match': '"1"' };
      const first = await change('confirm', orderId, headers);
      accepted(await change('ship', orderId));
      const again = await change('confirm', orderId, headers);
      expect(accepted(again)).toEqual(accepted(first));
      expect(again.headers.etag).toBe('"2"');
      expect(await versionOf(orderId)).toBe(3);
    });

    it('of a creation whose order has moved on still gets 201 and version 1', async () => {
      const [body, key] = [creation(), randomUUID()];
      const first = accepted(await create(body, key), 201);
      accepted(await change('confirm', first.orderId));
      expect(accepted(await create(body, key), 201)).toEqual(first);
    });

    it('is recognised by the JSON value of its body, not by its text', async () => {
      const key = randomUUID();
      const customerId = randomUUID();
      const item = { productId: 'é/', quantity: 1, unitPrice: 100 };
      const first = accepted(await create({ customerId, currency: 'EUR', items: [item] }, key), 201);
      const text = ` {"items" : [{"unitPrice":1e2,"quantity":1.0,"productId":"\\u00e9\\/"}],\n"currency":"EUR","customerId":"${customerId}"}`;
      expect(accepted(await rawCreate(text, key), 201)).toEqual(first);
    });

    it('with no body is that of {}', async () => {
      const { orderId } = await place();
      const path = `/v1/orders/${orderId}/confirm`;
      const headers = { 'idempotency-key': 'k' };
      const first = accepted(await shared().commands.send('POST', path, { headers }));
      expect(accepted(await shared().commands.send('POST', path, { headers, json: {} }))).toEqual(first);
    });

    it('that comes while the first is under way waits for its answer', async () => {
      const [body, key] = [creation(), randomUUID()];
      const answers = await Promise.all(Array.from({ length: 10 }, () => create(body, key)));
      const first = accepted(answers[0]!, 201);
      for (const answer of answers) expect(accepted(answer, 201)).toEqual(first);
      expect(await versionOf(first.orderId)).toBe(1);
    });

    it('with the commandId as its key is one of a command that was sent without a key', async () => {
      const body = creation();
      const created = accepted(await shared().commands.post('/v1/orders', body), 201);
      expect(accepted(await create(body, created.commandId), 201)).toEqual(created);
      const confirmed = accepted(await change('confirm', created.orderId));
      const again = await change('confirm', created.orderId, { 'idempotency-key': confirmed.commandId.toUpperCase() });
      expect(accepted(again)).toEqual(confirmed);
      expect(await versionOf(created.orderId)).toBe(2);
    });

    it('with another body is a key that was used: 422, before If-Match and rules', async () => {
      const { orderId } = await place();
      accepted(await change('items', orderId, { 'idempotency-key': 'k' }));
      accepted(await change('confirm', orderId));
      const other = { items: [{ ...BOOK, quantity: 3 }] };
      const answer = await change('items', orderId, { 'idempotency-key': 'k', 'if-match': '"9"' }, other);
      problem(answer, 422, 'idempotency-key-reused');
      const key = randomUUID();
      accepted(await create(creation(), key), 201);
      problem(await create(creation(), key), 422, 'idempotency-key-reused');
    });

    it('of a command that was refused is decided anew', async () => {
      const { orderId } = await place();
      const headers = { 'idempotency-key': 'ship it' };
      problem(await change('ship', orderId, headers), 409, 'order-rule-violated', {
        rule: 'ship-only-from-confirmed',
        orderStatus: 'CREATED',
      });
      accepted(await change('confirm', orderId));
      expect(accepted(await change('ship', orderId, headers)).version).toBe(3);
    });
  });

  describe('a key', () => {
    it('belongs to its path: the same one on another command or another order is another command', async () => {
      const [first, second] = [await place(), await place()];
      const headers = { 'idempotency-key': 'one key' };
      const confirmed = accepted(await change('confirm', first.orderId, headers));
      const shipped = accepted(await change('ship', first.orderId, headers));
      const other = accepted(await change('confirm', second.orderId, headers));
      expect(new Set([confirmed.commandId, shipped.commandId, other.commandId]).size).toBe(3);
    });

    it('belongs to its path in whatever case the id is written', async () => {
      const { orderId } = await place();
      const first = accepted(await change('confirm', orderId, { 'idempotency-key': 'k' }));
      expect(accepted(await change('confirm', orderId.toUpperCase(), { 'idempotency-key': 'k' }))).toEqual(first);
    });

    it('of a creation that names its order is remembered with that order', async () => {
      const [key, customerId] = [randomUUID(), randomUUID()];
      const [one, two] = [randomUUID(), randomUUID()];
      const first = accepted(await create(creation({ customerId, orderId: one }), key), 201);
      expect(accepted(await create(creation({ customerId, orderId: two }), key), 201).orderId).toBe(two);
      expect(accepted(await create(creation({ customerId, orderId: one }), key), 201)).toEqual(first);
    });

    it('makes ids of version 8', async () => {
      const { orderId } = await placeAt('CREATED');
      expect(accepted(await change('confirm', orderId, { 'idempotency-key': 'k' })).commandId[14]).toBe('8');
    });

    it.each(['x', 'a b', '~'.repeat(128), 'a, b'])('may be %j', async (key) => {
      const { orderId } = await place();
      accepted(await change('confirm', orderId, { 'idempotency-key': key }), 200);
    });

    it.each([
      ['empty', ''],
      ['129 characters long', 'x'.repeat(129)],
      ['outside U+0020 to U+007E', 'clé'],
      ['with a tab', 'a\tb'],
    ])('that is %s is malformed', async (_name, key) => {
      problem(await create(creation(), key), 400, 'malformed-request');
    });
  });
}
