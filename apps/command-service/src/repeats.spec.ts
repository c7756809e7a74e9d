import { ITEM, NO_ORDER, ORDER, RunningService, type Answer } from './running-service.fixture.js';

let service: RunningService;
beforeAll(async () => (service = await RunningService.start()));
afterAll(() => service.stop());

let keys = 0;
const newKey = () => `key ~ ${(keys += 1)}`;

/** What must be the same in the first answer and in that of a repeat. */
function remembered({ status, headers, body }: Answer) {
  return { status, body, location: headers.location, etag: headers.etag, causationId: headers['x-causation-id'] };
}

describe('a repeat of a creation', () => {
  it('given the same key and no order in the body, then the first answer and no second order', async () => {
    const key = newKey();
    const first = await service.create({}, { 'idempotency-key': key });
    const repeat = await service.create({}, { 'idempotency-key': key });
    expect(first.status).toBe(201);
    expect(remembered(repeat)).toEqual(remembered(first));
    expect(await service.events(String(first.body.orderId))).toHaveLength(1);
  });

  it('given the members of the body in another order, then it is the same body', async () => {
    const headers = { 'idempotency-key': newKey() };
    const first = await service.send(
      'POST',
      '/v1/orders',
      JSON.stringify({ ...ORDER, items: [{ quantity: 2, unitPrice: 1999, productId: 'book-1' }] }),
      headers,
    );
    const { items, currency, customerId } = ORDER;
    const repeat = await service.send(
      'POST',
      '/v1/orders',
      ` ${JSON.stringify({ items, currency, customerId }).replace(':2,', ':2.0,')} `,
      headers,
    );
    expect(first.status).toBe(201);
    expect(remembered(repeat)).toEqual(remembered(first));
  });

  it('given another body, then the key is reused, and nothing is made', async () => {
    const key = newKey();
    const first = await service.create({}, { 'idempotency-key': key });
    for (const change of [{ currency: 'USD' }, { items: [ITEM, ITEM] }, { orderId: first.body.orderId }]) {
      const { status, body } = await service.create(change, { 'idempotency-key': key });
      expect([status, body.code]).toEqual([422, 'idempotency-key-reused']);
    }
  });

  it('given the same key with another order in the body, then it is another command', async () => {
    const key = newKey();
    const one = await service.create({ orderId: '01920c5e-7a3b-7c11-9f2e-000000000001' }, { 'idempotency-key': key });
    const other = await service.create({ orderId: '01920c5e-7a3b-7c11-9f2e-000000000002' }, { 'idempotency-key': key });
    expect([one.status, other.status]).toEqual([201, 201]);
    expect(other.body.commandId).not.toBe(one.body.commandId);
    const repeat = await service.create(
      { orderId: '01920c5e-7a3b-7c11-9f2e-000000000001' },
      { 'idempotency-key': key },
    );
    expect(remembered(repeat)).toEqual(remembered(one));
  });

  it('given no key the first time, then its commandId is the key of a repeat', async () => {
    const first = await service.create();
    const repeat = await service.create({}, { 'idempotency-key': String(first.body.commandId).toUpperCase() });
    expect(remembered(repeat)).toEqual(remembered(first));
  });

  it('given two at once with the same key, then both get one answer and there is one event', async () => {
    const headers = { 'idempotency-key': newKey() };
    const answers = await Promise.all(Array.from({ length: 8 }, () => service.create({}, headers)));
    const [first] = answers;
    expect(first?.status).toBe(201);
    for (const answer of answers) expect(remembered(answer)).toEqual(remembered(first!));
    expect(await service.events(String(first?.body.orderId))).toHaveLength(1);
  });
});

describe('a repeat of a change', () => {
  it('given the state moved on and an If-Match that no longer holds, then the first answer still', async () => {
    const orderId = await service.orderIn('CREATED');
    const headers = { 'idempotency-key': newKey(), 'if-match': '"1"' };
    const first = await service.change(orderId, 'confirm', undefined, headers);
    expect(first.status).toBe(200);
    await service.change(orderId, 'ship');
    const repeat = await service.change(orderId.toUpperCase(), 'confirm', undefined, headers);
    expect(remembered(repeat)).toEqual(remembered(first));
    expect(await service.events(orderId)).toHaveLength(3);
  });

  it('given an empty body and {}, then they are the same body; given a field more, then another', async () => {
    const orderId = await service.orderIn('CREATED');
    const headers = { 'idempotency-key': newKey() };
    const first = await service.send('POST', `/v1/orders/${orderId}/cancel`, undefined, headers);
    const repeat = await service.send('POST', `/v1/orders/${orderId}/cancel`, {}, headers);
    expect(remembered(repeat)).toEqual(remembered(first));
    const other = await service.send('POST', `/v1/orders/${orderId}/cancel`, { reason: 'x' }, headers);
    expect([other.status, other.body.code]).toEqual([422, 'idempotency-key-reused']);
  });

  it('given the same key on another route or another order, then it is another key', async () => {
    const headers = { 'idempotency-key': newKey() };
    const orderId = await service.orderIn('CREATED');
    const otherId = await service.orderIn('CREATED');
    const answers = [
      await service.change(orderId, 'confirm', {}, headers),
      await service.change(orderId, 'cancel', {}, headers),
      await service.change(otherId, 'confirm', {}, headers),
    ];
    expect(answers.map((answer) => [answer.status, answer.body.version])).toEqual([
      [200, 2],
      [200, 3],
      [200, 2],
    ]);
    expect(new Set(answers.map((answer) => answer.body.commandId)).size).toBe(3);
  });

  it('given the first was refused, then the repeat is decided anew', async () => {
    const orderId = await service.orderIn('CREATED');
    const headers = { 'idempotency-key': newKey() };
    expect((await service.change(orderId, 'ship', undefined, headers)).status).toBe(409);
    await service.change(orderId, 'confirm');
    expect((await service.change(orderId, 'ship', undefined, headers)).status).toBe(200);
  });

  it('given ten at once with the same key, then all get one answer and there is one event', async () => {
    const orderId = await service.orderIn('CREATED');
    const headers = { 'idempotency-key': newKey() };
    const answers = await Promise.all(
      Array.from({ length: 10 }, () => service.change(orderId, 'confirm', {}, headers)),
    );
    for (const answer of answers) expect(remembered(answer)).toEqual(remembered(answers[0]!));
    expect(answers[0]?.status).toBe(200);
    expect(await service.events(orderId)).toHaveLength(2);
  });

  it('given a hundred different ones at once without If-Match, then each is one event', async () => {
    const orderId = await service.orderIn('CREATED');
    const answers = await Promise.all(
      Array.from({ length: 100 }, (_, n) =>
        service.change(orderId, 'items', { items: [{ ...ITEM, quantity: n + 1 }] }),
      ),
    );
    const versions = answers.map((answer) => Number(answer.body.version)).sort((left, right) => left - right);
    expect(versions).toEqual(Array.from({ length: 100 }, (_, n) => n + 2));
  });
});

describe('Idempotency-Key', () => {
  it.each(['', 'é', 'a'.repeat(129), 'tab\there'])('given %j, then the header is refused', async (key) => {
    const { status, body } = await service.create({}, { 'idempotency-key': key });
    expect([status, body.code]).toEqual([400, 'malformed-request']);
  });

  it.each(['~', 'a'.repeat(128), '"quoted", comma'])('given %.20j, then it is taken', async (key) => {
    expect((await service.create({}, { 'idempotency-key': key })).status).toBe(201);
  });

  it('given an order that does not exist, then a repeat is still 404', async () => {
    const headers = { 'idempotency-key': newKey() };
    expect((await service.change(NO_ORDER, 'confirm', {}, headers)).status).toBe(404);
    expect((await service.change(NO_ORDER, 'confirm', {}, headers)).status).toBe(404);
  });
});

describe('after a restart', () => {
  it('given the store of an earlier process, then its keys are remembered', async () => {
    const first = await RunningService.start();
    const headers = { 'idempotency-key': 'k' };
    const created = await first.create({}, headers);
    const confirmed = await first.change(String(created.body.orderId), 'confirm', {}, headers);
    const second = await first.restart();
    expect(remembered(await second.create({}, headers))).toEqual(remembered(created));
    expect(remembered(await second.change(String(created.body.orderId), 'confirm', {}, headers))).toEqual(
      remembered(confirmed),
    );
    await second.stop();
  });
});
