import { existsSync, mkdtempSync, readdirSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { systemClock as clock, systemEntropy, uuidV7 } from '@chronicle/seams';
import { commands } from './commands.js';
import { ranCli, type Ran } from './testing/cli-run.js';
import { SmallSystem } from './testing/small-system.js';

let interruption = new AbortController();

function cliIn(dataDir: string, ...args: string[]): Promise<Ran> {
  interruption = new AbortController();
  return ranCli([...args, '--data-dir', dataDir], interruption.signal);
}

let system: SmallSystem;
let shipped: string;
let created: string;
const flow = uuidV7(clock, systemEntropy);
const nobody = uuidV7(clock, systemEntropy);

beforeAll(async () => {
  system = await SmallSystem.open();
  await system.startWorkers();
  shipped = await system.order('SHIPPED', flow);
  created = await system.order('CREATED');
  await system.settled();
});
afterAll(() => system.close());

const cli = (...args: string[]) => cliIn(system.dataDir, ...args);

describe('events', () => {
  it('prints the events of an order, an object a line, exactly as the API answers them', async () => {
    const { exitCode, json, err } = await cli('events', shipped.toUpperCase(), '--json');
    expect({ exitCode, err }).toEqual({ exitCode: 0, err: '' });
    expect(json.map((event) => (event as { eventType: string }).eventType)).toEqual([
      'OrderCreated',
      'OrderConfirmed',
      'OrderShipped',
    ]);
    expect(Object.keys(json[0] as object)).toEqual([
      ...['eventId', 'aggregateId', 'aggregateType', 'sequenceNumber', 'eventType', 'eventVersion', 'eventData'],
      ...['causationId', 'correlationId', 'userId', 'timestamp', 'metadata', 'hash'],
    ]);
    expect(json[2]).toMatchObject({
      aggregateId: shipped,
      sequenceNumber: 3,
      eventData: { orderId: shipped, customerId: system.customerId, trackingNumber: 't-1', carrier: 'post' },
      userId: null,
    });
  });

  it('prints those of a flow, and those of a type', async () => {
    const ofFlow = await cli('events', '--correlation', flow, '--json');
    expect(ofFlow.json).toHaveLength(3);
    const ofType = await cli('events', '--type', 'OrderCreated', '--json');
    expect(ofType.json.map((event) => (event as { aggregateId: string }).aggregateId)).toEqual([shipped, created]);
  });

  it('given nothing of that flow or type, then prints nothing and says so beside it', async () => {
    expect(await cli('events', '--correlation', nobody)).toMatchObject({
      exitCode: 0,
      out: '',
      err: `no event has the correlation id ${nobody}\n`,
    });
    expect(await cli('events', '--type', 'OrderCancelled')).toMatchObject({ exitCode: 0, out: '' });
  });

  it('prints a line an event for people', async () => {
    const { out } = await cli('events', created);
    expect(out.split('\n')[0]).toMatch(/^TIME +ORDER +SEQ +TYPE +DATA$/);
    expect(out).toContain(`${created}  1      OrderCreated`);
  });

  it.each([[nobody], ['no-uuid']])('given an order that is not there (%s), then exits 1', async (id) => {
    const { exitCode, out, err } = await cli('events', id);
    expect({ exitCode, out }).toEqual({ exitCode: 1, out: '' });
    expect(err).toMatch(/^there is no order/);
  });

  it.each([
    [['events'], /expected one of ORDER_ID, --correlation ID and --type TYPE/],
    [['events', '--type', 'OrderShiped'], /did you mean OrderShipped/],
    [['events', '--correlation', 'x'], /expected a UUID/],
    [['events', '--correlation'], /--correlation needs a value/],
    [['events', 'a', 'b'], /wrong arguments/],
  ])('refuses %j', async (args, message) => {
    const { exitCode, out, err } = await cliIn(system.dataDir, ...args);
    expect({ exitCode, out }).toEqual({ exitCode: 2, out: '' });
    expect(err).toMatch(message);
  });
});

describe('order', () => {
  it('prints an order, now or at a version, with the fields of the API', async () => {
    const { json } = await cli('order', shipped, '--json');
    expect(json).toEqual([
      {
        ...{ orderId: shipped, customerId: system.customerId, status: 'SHIPPED', currency: 'EUR' },
        ...{ items: [{ productId: 'book', quantity: 2, unitPrice: 1999 }], total: 3998 },
        ...{ trackingNumber: 't-1', carrier: 'post', signature: null, cancelReason: null },
        ...{ createdAt: expect.any(String), updatedAt: expect.any(String), version: 3 },
      },
    ]);
    expect((await cli('order', shipped, '--version', '2', '--json')).json).toMatchObject([
      { status: 'CONFIRMED', version: 2 },
    ]);
  });

  it('prints it as of a time, inclusive, in any offset', async () => {
    const { json } = await cli('order', shipped, '--version', '1', '--json');
    const { createdAt } = json[0] as { createdAt: string };
    const asOf = await cli('order', shipped, '--as-of', createdAt.replace('Z', '+00:00'), '--json');
    expect((asOf.json[0] as { createdAt: string }).createdAt).toBe(createdAt);
    expect(await cli('order', shipped, '--as-of', '2020-01-01T00:00:00Z')).toMatchObject({ exitCode: 1 });
  });

  it('prints a table for people', async () => {
    const { out } = await cli('order', shipped);
    expect(out).toMatch(/^orderId +[0-9a-f-]{36}\n/);
    expect(out).toMatch(/PRODUCT +QUANTITY +UNIT PRICE +SUM\nbook +2 +1999 +3998/);
  });

  it.each([[nobody], ['no-uuid']])('given no such order (%s), then exits 1', async (id) => {
    expect(await cli('order', id)).toMatchObject({
      exitCode: 1,
      out: '',
      err: expect.stringMatching(/^there is no order/),
    });
  });

  it('given a version that is not there, then exits 1', async () => {
    expect(await cli('order', shipped, '--version', '4')).toMatchObject({
      exitCode: 1,
      err: `there is no order ${shipped} with a version 4\n`,
    });
  });

  it.each([
    [['--version', '0'], /whole number of at least 1/],
    [['--version', '1', '--as-of', '2026-01-01T00:00:00Z'], /not both/],
    [['--as-of', '2026-02-30T00:00:00Z'], /expected an RFC 3339 time/],
    [['--as-of', 'yesterday'], /expected an RFC 3339 time/],
  ])('refuses %j', async (args, message) => {
    const { exitCode, err } = await cliIn(system.dataDir, 'order', shipped, ...args);
    expect(exitCode).toBe(2);
    expect(err).toMatch(message);
  });
});

describe('topic tail', () => {
  it('prints what is there, an object a line, and ends when nothing comes', async () => {
    const { exitCode, json } = await cli(
      'topic',
      'tail',
      'orders.events',
      '--from-beginning',
      '--until-idle',
      '0.2',
      '--json',
    );
    expect(exitCode).toBe(0);
    expect(json).toHaveLength(4);
    const ofOrder = json.filter((message) => (message as { key: string }).key === shipped);
    expect(ofOrder[2]).toEqual({
      key: shipped,
      headers: expect.objectContaining({ ce_type: 'OrderShipped', ce_sequence: '0000000000000000003' }),
      value: expect.objectContaining({ orderId: shipped, carrier: 'post' }),
      partition: expect.any(Number),
      offset: expect.any(Number),
    });
  });

  it('prints only what comes from now on, without --from-beginning, until Ctrl-C', async () => {
    const tail = cli('topic', 'tail', 'orders.events', '--json');
    await clock.sleep(200);
    const later = await system.order('CREATED');
    await system.settled();
    await clock.sleep(300);
    interruption.abort();
    const { exitCode, json } = await tail;
    expect({ exitCode, keys: json.map((message) => (message as { key: string }).key) }).toEqual({
      exitCode: 0,
      keys: [later],
    });
  });

  it('refuses another topic', async () => {
    expect(await cli('topic', 'tail', 'order.events')).toMatchObject({
      exitCode: 2,
      err: expect.stringContaining('did you mean orders.events'),
    });
  });
});

describe('verify and audit', () => {
  it('exit 0 with what they checked when everything agrees', async () => {
    await system.settled();
    const verified = await cli('verify', '--json');
    expect(verified).toMatchObject({ exitCode: 0, err: '' });
    expect(verified.json).toMatchObject([
      { agrees: true, asOf: expect.any(String), lagMs: expect.any(Number), differences: [] },
    ]);
    const audited = await cli('audit', '--json');
    expect(audited.exitCode).toBe(0);
    expect(audited.json).toMatchObject([{ intact: true, broken: 0, breaks: [] }]);
  });

  it('exit 1 and name the row and the field, the order and the event', async () => {
    const other = await SmallSystem.open();
    await other.startWorkers();
    const order = await other.order('SHIPPED');
    await other.settled();
    await other.stopWorkers();
    other.tamper('orders-by-customer-projection.db', `UPDATE orders_by_customer_v1 SET currency = 'USD'`);
    const verified = await cliIn(other.dataDir, 'verify');
    expect(verified.exitCode).toBe(1);
    expect(verified.out).toContain(
      `orders_by_customer: different: order ${order}, version 3, row {"customer_id":"${other.customerId}"`,
    );
    expect(verified.out).toContain('    currency: expected "EUR", found "USD"');
    expect(verified.out).toMatch(/^orders_by_customer +DIFFERS +1$/m);
    other.tamper('events.db', `UPDATE events SET user_id = 'x' WHERE sequence_number = 2`);
    const audited = await cliIn(other.dataDir, 'audit', '--json');
    expect(audited.exitCode).toBe(1);
    expect(audited.json).toMatchObject([
      { intact: false, broken: 1, breaks: [{ aggregateId: order, sequenceNumber: 2 }] },
    ]);
    await other.close();
  });
});

describe('snapshots prune', () => {
  it('deletes all but so many of every order', async () => {
    const order = await system.order('CONFIRMED');
    for (const quantity of [1, 2]) {
      await system.execute({ type: 'CancelOrder', orderId: await system.order(), reason: String(quantity) });
    }
    await system.execute({ type: 'ShipOrder', orderId: order, trackingNumber: 't', carrier: 'c' });
    await system.execute({ type: 'DeliverOrder', orderId: order, signature: null });
    await clock.sleep(100);
    const pruned = await cli('snapshots', 'prune', '--keep', '0', '--json');
    expect(pruned).toMatchObject({ exitCode: 0, json: [{ deleted: expect.any(Number), keep: 0 }] });
    expect((pruned.json[0] as { deleted: number }).deleted).toBeGreaterThanOrEqual(2);
    expect((await cli('snapshots', 'prune', '--json')).json).toEqual([{ deleted: 0, keep: 1 }]);
    expect((await cli('order', order, '--json')).json).toMatchObject([{ status: 'DELIVERED' }]);
  });
});

describe('groups', () => {
  it('prints lag, owners, checkpoints, switch and parked of every group', async () => {
    await system.settled();
    const { json, exitCode } = await cli('groups', '--json');
    const { groups } = json[0] as { groups: { group: string; buckets: { owner: string | null }[] }[] };
    expect(exitCode).toBe(0);
    expect(groups.map(({ group }) => group)).toEqual([
      'order-read-model-projection',
      'orders-by-customer-projection',
      'orders-by-status-projection',
      'external-publisher',
    ]);
    expect(groups[0]).toMatchObject({
      started: true,
      paused: false,
      lag: { events: 0, ms: 0 },
      parked: 0,
      instances: [expect.any(String)],
    });
    expect(groups[0]!.buckets).toHaveLength(32);
    expect((await cli('groups')).out).toMatch(/^external-publisher +running +0 +0\.0 s +0 +1$/m);
  });
});

describe('parked', () => {
  const group = 'order-read-model-projection';

  async function parkedOrder(): Promise<string> {
    const orderId = await system.order('CREATED');
    await system.confirmInUnknownVersion(orderId);
    await system.settled();
    return orderId;
  }

  async function redriveEverywhere(orderId: string, ...groups: string[]): Promise<void> {
    system.makeKnown(orderId);
    for (const name of groups) await cli('parked', 'redrive', name, orderId);
  }
  const others = ['orders-by-customer-projection', 'orders-by-status-projection'];

  it('list prints what is set aside, of one group or of all', async () => {
    const orderId = await parkedOrder();
    const { json } = await cli('parked', 'list', group, '--json');
    expect(json).toEqual([
      {
        parked: [
          {
            ...{ group, aggregateId: orderId, sequenceNumber: 2, eventType: 'OrderConfirmed', code: 'unknown-event' },
            reason: expect.stringMatching(/version 9 .* is not known to this build/),
            since: expect.any(String),
          },
        ],
      },
    ]);
    const all = await cli('parked', 'list', '--json');
    expect((all.json[0] as { parked: { group: string }[] }).parked.map((parked) => parked.group)).toEqual([
      group,
      ...others,
    ]);
    expect((await cli('parked', 'list', 'publisher')).out).toBe('nothing is parked in external-publisher\n');
    expect((await cli('parked', 'list', group)).out).toContain('is not known to this build');
    await redriveEverywhere(orderId, group, ...others);
    expect((await cli('parked', 'list', '--json')).json).toEqual([{ parked: [] }]);
  });

  it('redrive has a living worker go on with the order, or park it again', async () => {
    const orderId = await parkedOrder();
    const again = await cli('parked', 'redrive', group, orderId, '--json');
    expect(again).toMatchObject({
      exitCode: 0,
      json: [{ group, aggregateId: orderId, result: 'done', parked: { sequenceNumber: 2 } }],
    });
    await redriveEverywhere(orderId, ...others);
    const { exitCode, json } = await cli('parked', 'redrive', group, orderId, '--json');
    expect({ exitCode, json }).toEqual({
      exitCode: 0,
      json: [{ group, aggregateId: orderId, result: 'done', parked: null }],
    });
    const { differences } = (await cli('verify', '--grace', '0', '--json')).json[0] as {
      differences: { part: string }[];
    };
    expect(differences.map(({ part }) => part).filter((part) => part !== 'orders.events')).toEqual([]);
  });

  it('skip passes over the event, and verify tells of it', async () => {
    const orderId = await parkedOrder();
    expect(await cli('parked', 'skip', group, orderId, '--reason', 'agreed with the customer')).toMatchObject({
      exitCode: 0,
      out: `order ${orderId} goes on in ${group}\n`,
    });
    await redriveEverywhere(orderId, ...others);
    const { exitCode, json } = await cli('verify', '--json');
    const { differences } = json[0] as { differences: { aggregateId: string; part: string }[] };
    expect(exitCode).toBe(1);
    expect(
      differences.filter(({ aggregateId, part }) => aggregateId === orderId && part !== 'orders.events'),
    ).toMatchObject([
      {
        part: 'order_read_model',
        kind: 'different',
        fields: [{ field: 'status' }, { field: 'updated_at' }, { field: 'version' }],
      },
    ]);
  });

  it.each([
    [['redrive', group, nobody], 1, /is not parked/],
    [['redrive', group, 'x'], 1, /is not parked/],
    [['redrive', 'nobody', nobody], 2, /unknown consumer group "nobody"/],
    [['redrive', group], 2, /wrong arguments/],
    [['skip', group, nobody], 2, /--reason TEXT is needed/],
    [['skip', group, nobody, '--reason', ' '], 2, /--reason TEXT is needed/],
    [['redriv', group], 2, /did you mean `parked redrive`/],
  ])('answers %j with exit code %i', async (args, expected, message) => {
    const { exitCode, err } = await cliIn(system.dataDir, 'parked', ...args);
    expect(exitCode).toBe(expected);
    expect(err).toMatch(message);
  });

  it('given no worker, then says so after a while and exits 2', async () => {
    const orderId = await parkedOrder();
    await system.stopWorkers();
    const { exitCode, err } = await cli('parked', 'redrive', group, orderId);
    expect(exitCode).toBe(2);
    expect(err).toMatch(
      /^no worker of order-read-model-projection carried out the redrive .* within 15 s: is one running\?/,
    );
  }, 30_000);
});

describe('any command', () => {
  it.each([[['nothing']], [['verifi']], [[]], [['verify', '--fast']], [['verify', '--json=1']], [['parked']]])(
    'given %j, then exits 2 and says what is wrong',
    async (args) => {
      const { exitCode, out, err } = await cliIn(system.dataDir, ...args);
      expect({ exitCode, out }).toEqual({ exitCode: 2, out: '' });
      expect(err).toMatch(/did you mean|no command given|takes no value/);
    },
  );

  it.each(commands.map(({ name }) => [name]))('%s --help shows how it is used', async (name) => {
    const { exitCode, out } = await cli(...name.split(' '), '--help');
    expect(exitCode).toBe(0);
    expect(out).toContain(`Usage: npm run --silent cli -- ${name}`);
  });

  it('lists the commands with --help', async () => {
    const { exitCode, out } = await cli('--help');
    expect(exitCode).toBe(0);
    for (const { name, summary } of commands) expect(out).toContain(`${name.padEnd(15)}  ${summary}`);
  });

  it('given a folder without a store, then exits 2 and makes nothing there', async () => {
    const folder = mkdtempSync(join(tmpdir(), 'no-store-'));
    for (const { name } of commands.filter((command) => command.name !== 'migrate')) {
      const args = name.startsWith('parked ')
        ? [...name.split(' '), 'publisher', nobody, '--reason', 'x']
        : name.split(' ');
      const { exitCode, out } = await cliIn(
        folder,
        ...args.slice(0, name === 'parked list' ? 2 : undefined),
        ...(/^(events|order)$/.test(name) ? [nobody] : []),
      );
      expect({ name, exitCode, out }).toEqual({ name, exitCode: 2, out: '' });
    }
    expect(readdirSync(folder)).toEqual([]);
    rmSync(folder, { recursive: true });
  });

  it('given a folder that is not there, then exits 2, names it and does not make it', async () => {
    const folder = join(tmpdir(), nobody);
    expect(await cliIn(folder, 'verify')).toMatchObject({ exitCode: 2, out: '', err: expect.stringContaining(folder) });
    expect(existsSync(folder)).toBe(false);
  });

  it('given a store but no workers yet, then verify exits 2, groups tells, and no file is made', async () => {
    const young = await SmallSystem.open();
    await young.order();
    const before = readdirSync(young.dataDir);
    expect(await cliIn(young.dataDir, 'verify')).toMatchObject({
      exitCode: 2,
      err: expect.stringMatching(/has never run here/),
    });
    expect((await cliIn(young.dataDir, 'groups', '--json')).json).toMatchObject([
      { groups: [{ started: false, lag: { events: 1 } }, {}, {}, {}] },
    ]);
    expect(await cliIn(young.dataDir, 'topic', 'tail', 'orders.events')).toMatchObject({ exitCode: 2, out: '' });
    expect(readdirSync(young.dataDir)).toEqual(before);
    await young.close();
  });

  it('given an engine without its cluster, then exits 2 and asks for it', async () => {
    expect(await cli('verify', '--engine', 'scylla')).toMatchObject({
      exitCode: 2,
      err: '--contact-points is not set; expected host:port[,host:port…], as ENGINE is scylla\n',
    });
  });

  it('migrate: has nothing to do on files', async () => {
    expect(await cli('migrate')).toMatchObject({
      exitCode: 0,
      out: 'nothing to do: the embedded engine makes its files by itself\n',
    });
  });
});
