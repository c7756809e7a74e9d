import { StoreUnavailableError } from '@chronicle/event-sourcing-core';
import { TestCluster, TestKeyspace } from './testing.js';
import { CqlRefusedError } from './cql-error.js';
import { statement, type CqlRow } from './cql-port.js';
import { DriverCqlPort } from './driver-cql-port.js';

const cassandra = new TestCluster(process.env, ['cassandra']);
const insert = statement('test.insert', 'INSERT INTO things (id, place, big, name) VALUES (?, ?, ?, ?)');
const insertOnce = statement('test.insert-once', `${insert.cql} IF NOT EXISTS`);
const byId = statement('test.by-id', 'SELECT * FROM things WHERE id = ?');
const id = '01890b3e-7c4a-7000-8000-0123456789ab';

describe('a connection that cannot be made', () => {
  it('is a store that is not available', async () => {
    const nobody = { contactPoints: ['127.0.0.1:1'], localDataCenter: cassandra.localDataCenter };
    await expect(DriverCqlPort.open(nobody)).rejects.toBeInstanceOf(StoreUnavailableError);
  });
});

(cassandra.isThere ? describe : describe.skip)('DriverCqlPort', () => {
  const keyspace = new TestKeyspace(cassandra);
  let port: DriverCqlPort;
  beforeAll(async () => {
    await keyspace.make();
    port = await keyspace.connect();
    const table = `CREATE TABLE things (id uuid, place int, big bigint, name text, at timestamp, what blob,
      notes map<text, text>, ids frozen<set<blob>>, PRIMARY KEY (id, place))`;
    await port.write(statement('test.create', table), []);
  });
  afterAll(() => keyspace.remove());
  beforeEach(() => port.write(statement('test.truncate', 'TRUNCATE things'), []));

  const idOf = (number: number) => `01890b3e-7c4a-7000-8000-${String(number).padStart(12, '0')}`;
  const rowsOf = async () => (await port.read(byId, [id])).rows;

  it('gives every value back in the form that the port promises', async () => {
    const values = {
      id,
      place: -1,
      big: 9007199254740993n,
      name: 'ä\u0000😀',
      at: '2026-11-25T19:03:21.123Z',
      what: Buffer.from([0, 255]),
      notes: new Map([['a', '']]),
      ids: new Set([Buffer.from([1])]),
    };
    const columns = Object.keys(values).join(', ');
    const all = statement('test.all', `INSERT INTO things (${columns}) VALUES (?, ?, ?, ?, ?, ?, ?, ?)`);
    await port.write(all, Object.values(values));
    expect(await rowsOf()).toEqual([values]);
  });

  it('names the nodes of the datacentre, each of which can be asked', async () => {
    const hosts = port.hosts();
    expect(hosts.length).toBeGreaterThan(0);
    for (const host of hosts) expect((await port.read(byId, [id], { host })).rows).toEqual([]);
  });

  it('leaves a column unset for undefined, and deletes it for null', async () => {
    await port.write(insert, [id, 1, 1n, 'kept']);
    await port.write(insert, [id, 1, null, undefined]);
    expect(await rowsOf()).toEqual([expect.objectContaining({ big: null, name: 'kept' })]);
  });

  it('passes on what the server warns of', async () => {
    const warnings: string[] = [];
    const warned = await keyspace.connect((warning) => warnings.push(warning));
    const remove = statement('test.remove', 'DELETE FROM things WHERE id = ? AND place = ?');
    const removals = (from: number, count: number) =>
      Array.from({ length: count }, (_, index) => ({ statement: remove, values: [id, from + index] }));
    await warned.writeTogether(removals(0, 1000));
    await warned.read(byId, [id]);
    expect(warnings).toEqual([]);
    await warned.writeTogether(removals(1000, 1));
    await warned.read(byId, [id]);
    expect(warnings).toEqual([expect.stringMatching(/1001 tombstone/)]);
  });

  it('carries out many writes of many partitions, without a server that warns of large batches', async () => {
    const warnings: string[] = [];
    const warned = await keyspace.connect((warning) => warnings.push(warning));
    const writes = Array.from({ length: 300 }, (_, index) => {
      const values = [idOf(index), index, BigInt(index), 'x'.repeat(10 * index)];
      return { statement: insert, values };
    });
    await warned.writeAll(writes);
    const all = statement('test.everything', 'SELECT place, big, name FROM things');
    const found = (await port.read(all, [])).rows.map(({ place, big, name }) => [place, big, name]);
    expect(found.sort(([left], [right]) => Number(left) - Number(right))).toEqual(
      writes.map(({ values }) => values.slice(1)),
    );
    expect(warnings).toEqual([]);
  });

  it('reads page after page, and nothing where there is nothing', async () => {
    await port.writeTogether(
      Array.from({ length: 25 }, (_, place) => ({ statement: insert, values: [id, place, 0n, 'x'] })),
    );
    const pages: (readonly CqlRow[])[] = [];
    for await (const rows of port.pages(byId, [id], { rowsMax: 10 })) pages.push(rows);
    expect(pages.map((rows) => rows.length)).toEqual([10, 10, 5]);
    expect(pages.flat().map((row) => row.place)).toEqual(Array.from({ length: 25 }, (_, place) => place));
    expect(await port.readOne(byId, ['01890b3e-7c4a-7000-8000-000000000000'])).toBeUndefined();
  });

  it('answers a condition with its verdict and what stands there instead', async () => {
    const write = (name: string) => [{ statement: insertOnce, values: [id, 1, 0n, name] }];
    expect(await port.writeIf(write('first'))).toEqual({ applied: true });
    expect(await port.writeIf(write('second'))).toEqual({
      applied: false,
      current: expect.objectContaining({ name: 'first' }),
    });
    const change = statement('test.change', 'UPDATE things SET name = ? WHERE id = ? AND place = ? IF name = ?');
    const together = (place: number, name: string) => [
      { statement: change, values: ['changed', id, place, name] },
      { statement: insert, values: [id, 9, 0n, 'also'] },
    ];
    expect(await port.writeIf(together(2, 'first'))).toEqual({ applied: false, current: undefined });
    expect(await port.writeIf(together(1, 'first'))).toEqual({ applied: true });
    expect((await rowsOf()).map((row) => row.name)).toEqual(['changed', 'also']);
  });

  it('tells a mistake from a failure', async () => {
    await expect(port.read(statement('test.typo', 'SELECT nothing FROM nowhere'), [])).rejects.toBeInstanceOf(
      CqlRefusedError,
    );
    await expect(port.write(insert, [id, 'no number', 0n, 'x'])).rejects.toBeInstanceOf(CqlRefusedError);
  });

  it('closed, lets what is in flight end well', async () => {
    const other = await keyspace.connect();
    const writes = Array.from({ length: 200 }, (_, place) => other.write(insert, [id, place, 0n, 'x']));
    await other.close();
    expect(new Set((await Promise.allSettled(writes)).map(({ status }) => status))).toEqual(new Set(['fulfilled']));
    expect(await rowsOf()).toHaveLength(200);
    await expect(other.write(insert, [id, 201, 0n, 'x'])).rejects.toBeInstanceOf(StoreUnavailableError);
  });
});
