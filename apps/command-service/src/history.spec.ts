import { BODY_OF, CUSTOMER, ITEM, NO_ORDER, ORDER, RunningService, type Answer } from './running-service.fixture.js';

let service: RunningService;
let orderId: string;
let events: Record<string, unknown>[];

beforeAll(async () => {
  service = await RunningService.start({ SNAPSHOT_EVERY: '2' });
  orderId = await service.orderIn('DELIVERED');
  events = await service.events(orderId);
});
afterAll(() => service.stop());

const state = (parameters = ''): Promise<Answer> => service.get(`/v1/orders/${orderId}/state${parameters}`);
const timeOf = (version: number) => String(events[version - 1]?.timestamp);

describe('GET /v1/orders/{id}/state', () => {
  it('answers the order from its events, with its tag', async () => {
    const { status, headers, body } = await state();
    expect(status).toBe(200);
    expect(headers.etag).toBe('"4"');
    expect(Object.entries(body)).toEqual(
      Object.entries({
        orderId,
        customerId: CUSTOMER,
        status: 'DELIVERED',
        currency: 'EUR',
        items: [ITEM],
        total: 3998,
        trackingNumber: BODY_OF.ship.trackingNumber,
        carrier: BODY_OF.ship.carrier,
        signature: BODY_OF.deliver.signature,
        cancelReason: null,
        createdAt: timeOf(1),
        updatedAt: timeOf(4),
        version: 4,
      }),
    );
  });

  it.each([
    [1, 'CREATED'],
    [2, 'CONFIRMED'],
    [3, 'SHIPPED'],
    [4, 'DELIVERED'],
  ])('at version %d it was %s', async (version, status) => {
    const { headers, body } = await state(`?version=${version}`);
    expect([headers.etag, body.version, body.status, body.updatedAt]).toEqual([
      `"${version}"`,
      version,
      status,
      timeOf(version),
    ]);
  });

  it('as of a time it is what the events up to that time say, the time included', async () => {
    const { body } = await state(`?asOf=${timeOf(2)}`);
    expect(body.version).toBe(events.filter((event) => String(event.timestamp) <= timeOf(2)).length);
    const offset = new Date(Date.parse(timeOf(4)) + 2 * 3_600_000).toISOString().replace('Z', '+02:00');
    expect((await state(`?asOf=${encodeURIComponent(offset)}`)).body.version).toBe(4);
    expect((await state(`?asOf=${offset}`)).body.version).toBe(4);
    expect((await state('?asOf=9999-12-31T23:59:59Z')).body.version).toBe(4);
  });

  it.each([
    '?version=5',
    '?version=9007199254740991',
    '?asOf=2000-01-01T00:00:00Z',
    '?asOf=0000-01-01T00:00:00%2B10:00',
  ])('given %s, then there was no such order', async (parameters) => {
    const { status, body } = await state(parameters);
    expect([status, body.code]).toEqual([404, 'order-not-found']);
  });

  it.each([
    ['?version=0', ['version']],
    ['?version=1&version=1', ['version']],
    ['?version=', ['version']],
    ['?version=1&asOf=2026-11-25T00:00:00Z', ['asOf']],
    ['?asOf=2026-11-25T00:00:00', ['asOf']],
    ['?asOf=2026-02-30T00:00:00Z', ['asOf']],
    ['?at=1', ['at']],
    ['?version=x&at=1', ['version', 'at']],
  ])('given %s, then these are what is wrong: %j', async (parameters, fields) => {
    const { status, body } = await state(parameters);
    expect([status, body.code]).toEqual([422, 'validation-failed']);
    expect((body.violations as { field: string }[]).map(({ field }) => field)).toEqual(fields);
  });

  it('given an order that changes often, then every version is still there, snapshots or not', async () => {
    const id = await service.orderIn('CREATED');
    for (let quantity = 2; quantity <= 9; quantity += 1)
      await service.change(id, 'items', { items: [{ ...ITEM, quantity }] });
    for (let version = 2; version <= 9; version += 1) {
      const { body } = await service.get(`/v1/orders/${id}/state?version=${version}`);
      expect([body.version, body.items]).toEqual([version, [{ ...ITEM, quantity: version }]]);
    }
  });
});

describe('GET /v1/orders/{id}/events', () => {
  const page = (parameters: string) => service.get(`/v1/orders/${orderId}/events${parameters}`);

  it.each([
    ['', [1, 2, 3, 4], null],
    ['?limit=3', [1, 2, 3], 4],
    ['?limit=4', [1, 2, 3, 4], null],
    ['?from=4&limit=3', [4], null],
    ['?from=5', [], null],
  ])('given %j, then these events and where it goes on', async (parameters, sequences, nextFrom) => {
    const { status, body } = await page(parameters);
    expect(status).toBe(200);
    expect((body.events as { sequenceNumber: number }[]).map((event) => event.sequenceNumber)).toEqual(sequences);
    expect(body.nextFrom).toBe(nextFrom);
    expect(Object.keys(body)).toEqual(['events', 'nextFrom']);
  });

  it('answers the payload as it was commanded', async () => {
    const { body } = await page('?limit=1');
    expect(body.events).toEqual([
      expect.objectContaining({ eventType: 'OrderCreated', eventData: { orderId, ...ORDER } }),
    ]);
  });

  it.each(['?from=0', '?limit=0', '?limit=201', '?from=1.5', '?from=-1', '?from=1&from=2', '?after=1', '?limit=+5'])(
    'given %s, then it is 422',
    async (parameters) => {
      const { status, body } = await page(parameters);
      expect([status, body.code]).toEqual([422, 'validation-failed']);
    },
  );
});

describe('an id that is none', () => {
  it.each(['state', 'events'])('given /%s of what is no UUID or no order, then it is 404', async (view) => {
    for (const id of ['1', 'x'.repeat(200), '%00', `${NO_ORDER}0`, NO_ORDER]) {
      const { status, body } = await service.get(`/v1/orders/${id}/${view}`);
      expect([id, status, body.code]).toEqual([id, 404, 'order-not-found']);
    }
  });

  it('given parameters that are wrong too, then those are told first', async () => {
    expect((await service.get('/v1/orders/1/state?version=0')).status).toBe(422);
  });
});
