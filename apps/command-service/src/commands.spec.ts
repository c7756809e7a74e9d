import {
  BODY_OF,
  CUSTOMER,
  ITEM,
  NO_ORDER,
  ORDER,
  PATH_TO,
  RunningService,
  type Operation,
} from './running-service.fixture.js';

const UUID_V7 = /^[0-9a-f]{8}-[0-9a-f]{4}-7[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$/;
const TIME = /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z$/;

let service: RunningService;
beforeAll(async () => (service = await RunningService.start()));
afterAll(() => service.stop());

describe('POST /v1/orders', () => {
  it('answers 201 with the order, its version, the command, where it is and what is its tag', async () => {
    const { status, headers, body } = await service.create();
    expect(status).toBe(201);
    expect(body).toEqual({
      orderId: expect.stringMatching(UUID_V7),
      version: 1,
      commandId: expect.stringMatching(UUID_V7),
    });
    expect(headers).toMatchObject({
      location: `/v1/orders/${String(body.orderId)}`,
      etag: '"1"',
      'x-causation-id': body.commandId,
    });
    expect(headers['x-correlation-id']).toMatch(UUID_V7);
  });

  it('takes the id in the body, in either case, and answers it in lower case', async () => {
    const orderId = '01920c5e-7a3b-7c11-9f2e-aaaaaaaaaaaa';
    const { status, headers, body } = await service.create({ orderId: orderId.toUpperCase() });
    expect([status, body.orderId, headers.location]).toEqual([201, orderId, `/v1/orders/${orderId}`]);
    const again = await service.create({ orderId });
    expect([again.status, again.body.code]).toEqual([409, 'order-already-exists']);
  });

  it('makes one event with who, why and in which flow', async () => {
    const correlationId = '0192AAAA-7a3b-7c11-9f2e-3b6d8a4c5e01';
    const causationId = '0192BBBB-7a3b-7c11-9f2e-3b6d8a4c5e01';
    const traceparent = '00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01';
    const { headers, body } = await service.create(
      {},
      { 'x-correlation-id': correlationId, 'x-causation-id': causationId, traceparent },
    );
    expect(headers).toMatchObject({
      'x-correlation-id': correlationId.toLowerCase(),
      'x-causation-id': causationId.toLowerCase(),
    });
    expect(await service.events(String(body.orderId))).toEqual([
      {
        eventId: expect.stringMatching(UUID_V7),
        aggregateId: body.orderId,
        aggregateType: 'Order',
        sequenceNumber: 1,
        eventType: 'OrderCreated',
        eventVersion: 2,
        eventData: { orderId: body.orderId, ...ORDER },
        causationId: causationId.toLowerCase(),
        correlationId: correlationId.toLowerCase(),
        userId: null,
        timestamp: expect.stringMatching(TIME),
        metadata: { commandId: body.commandId, traceparent },
        hash: expect.stringMatching(/^[0-9a-f]{64}$/),
      },
    ]);
  });

  it('given no causation, then the command is the cause; given a malformed traceparent, then it is ignored', async () => {
    const { status, body } = await service.create({}, { traceparent: 'nonsense' });
    expect(status).toBe(201);
    const [event] = await service.events(String(body.orderId));
    expect(event).toMatchObject({ causationId: body.commandId, metadata: { commandId: body.commandId } });
  });
});

describe('commands to an order', () => {
  it.each<[Operation, keyof typeof PATH_TO, string, object]>([
    ['items', 'CREATED', 'OrderItemsUpdated', { items: [ITEM], reason: null }],
    ['confirm', 'CREATED', 'OrderConfirmed', {}],
    ['ship', 'CONFIRMED', 'OrderShipped', BODY_OF.ship],
    ['deliver', 'SHIPPED', 'OrderDelivered', BODY_OF.deliver],
    ['cancel', 'CREATED', 'OrderCancelled', BODY_OF.cancel],
    ['cancel', 'CONFIRMED', 'OrderCancelled', BODY_OF.cancel],
    ['cancel', 'SHIPPED', 'OrderCancelled', BODY_OF.cancel],
  ])('%s of an order that is %s is one event %s', async (operation, status, eventType, data) => {
    const orderId = await service.orderIn(status);
    const before = await service.events(orderId);
    const { status: answered, headers, body } = await service.change(orderId.toUpperCase(), operation);
    const version = before.length + 1;
    expect(answered).toBe(200);
    expect(body).toEqual({ orderId, version, commandId: expect.stringMatching(UUID_V7) });
    expect(headers).toMatchObject({ etag: `"${version}"`, 'x-causation-id': body.commandId });
    expect(headers.location).toBeUndefined();
    const events = await service.events(orderId);
    expect(events).toHaveLength(version);
    expect(events.at(-1)).toMatchObject({
      eventType,
      eventData: { orderId, customerId: CUSTOMER, ...data },
      causationId: body.commandId,
    });
  });

  it.each<[Operation, keyof typeof PATH_TO, string]>([
    ['items', 'CONFIRMED', 'items-change-only-while-created'],
    ['items', 'CANCELLED', 'items-change-only-while-created'],
    ['confirm', 'CONFIRMED', 'confirm-only-from-created'],
    ['ship', 'CREATED', 'ship-only-from-confirmed'],
    ['ship', 'SHIPPED', 'ship-only-from-confirmed'],
    ['deliver', 'CONFIRMED', 'deliver-only-from-shipped'],
    ['deliver', 'DELIVERED', 'deliver-only-from-shipped'],
    ['cancel', 'DELIVERED', 'cancel-only-before-delivery'],
    ['cancel', 'CANCELLED', 'cancel-only-once'],
  ])('%s of an order that is %s breaks %s', async (operation, orderStatus, rule) => {
    const orderId = await service.orderIn(orderStatus);
    const { status, headers, body } = await service.change(orderId, operation);
    expect(status).toBe(409);
    expect(headers['content-type']).toBe('application/problem+json');
    expect(body).toEqual({
      type: '/problems/order-rule-violated',
      title: expect.any(String),
      status: 409,
      detail: expect.any(String),
      instance: `/v1/orders/${orderId}/${operation}`,
      code: 'order-rule-violated',
      rule,
      orderStatus,
    });
  });

  it.each<Operation>(['items', 'confirm', 'ship', 'deliver', 'cancel'])(
    '%s of an order that does not exist is 404',
    async (operation) => {
      const { status, headers, body } = await service.change(NO_ORDER, operation);
      expect([status, body.code, body.detail]).toEqual([404, 'order-not-found', `there is no order ${NO_ORDER}`]);
      expect(headers['x-causation-id']).toMatch(UUID_V7);
    },
  );

  it.each([
    ['no body', undefined],
    ['an empty object', {}],
  ])('confirm takes %s, and deliver and cancel too: what is optional is null', async (_, body) => {
    const send = (orderId: string, operation: string) =>
      service.send('POST', `/v1/orders/${orderId}/${operation}`, body);
    const shipped = await service.orderIn('CREATED');
    expect((await send(shipped, 'confirm')).status).toBe(200);
    await service.change(shipped, 'ship');
    expect((await send(shipped, 'deliver')).status).toBe(200);
    expect((await service.events(shipped)).at(-1)).toMatchObject({ eventData: { signature: null } });
    const cancelled = await service.orderIn('CREATED');
    expect((await send(cancelled, 'cancel')).status).toBe(200);
    expect((await service.events(cancelled)).at(-1)).toMatchObject({ eventData: { reason: null } });
  });

  it('given an unknown field where nothing is taken, then it is named', async () => {
    const orderId = await service.orderIn('CREATED');
    const { status, body } = await service.change(orderId, 'confirm', { force: true });
    expect([status, body.code, body.violations]).toEqual([
      422,
      'validation-failed',
      [{ field: 'force', message: 'is not known here' }],
    ]);
  });

  it('given equal items, then it is an event all the same', async () => {
    const orderId = await service.orderIn('CREATED');
    const { body } = await service.change(orderId, 'items', { items: ORDER.items, reason: 'again' });
    expect(body.version).toBe(2);
  });
});

describe('If-Match', () => {
  it('given the newest version, then the command is taken; given another, then both are told', async () => {
    const orderId = await service.orderIn('CREATED');
    expect((await service.change(orderId, 'items', undefined, { 'if-match': '"1"' })).body.version).toBe(2);
    const { status, body } = await service.change(orderId, 'items', undefined, { 'if-match': '"1"' });
    expect([status, body.code, body.expectedVersion, body.actualVersion]).toEqual([412, 'version-mismatch', 1, 2]);
    expect((await service.events(orderId)).length).toBe(2);
  });

  it.each(['1', 'W/"1"', '"1", "2"', '*', '""', '"-1"', '"1.0"', '"01"', '"x"', '', '"9007199254740992"'])(
    'given %j, then the header is refused',
    async (text) => {
      const orderId = await service.orderIn('CREATED');
      const { status, body } = await service.change(orderId, 'items', undefined, { 'if-match': text });
      expect([status, body.code]).toEqual([400, 'malformed-request']);
    },
  );

  it('given "0", then it is a version that no order is at', async () => {
    const orderId = await service.orderIn('CREATED');
    const { status, body } = await service.change(orderId, 'confirm', undefined, { 'if-match': '"0"' });
    expect([status, body.expectedVersion, body.actualVersion]).toEqual([412, 0, 1]);
  });

  it('given a creation with it, then it is refused', async () => {
    const { status, body } = await service.create({}, { 'if-match': '"0"' });
    expect([status, body.code]).toEqual([400, 'malformed-request']);
  });
});

describe('GET /metrics', () => {
  it('counts commands by what became of them', async () => {
    const orderId = await service.orderIn('CREATED');
    await service.change(orderId, 'deliver');
    const text = await service.metrics();
    expect(text).toMatch(/order_commands_total\{command="CreateOrder",outcome="accepted",app="command-service"\} \d+/);
    expect(text).toMatch(/order_commands_total\{command="DeliverOrder",outcome="refused",app="command-service"\} \d+/);
  });
});
