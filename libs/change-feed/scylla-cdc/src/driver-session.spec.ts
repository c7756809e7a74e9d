import cassandra from 'cassandra-driver';
import { driverSession } from './driver-session.js';
import { LogRefusedError, LogUnavailableError } from './errors.js';

const statement = { name: 'cdc.read-log', cql: 'SELECT * FROM t' };
const { dataTypes, Long, TimeUuid, Uuid } = cassandra.types;

/** The types of the columns used below. */
const types: Record<string, number> = {
  cdc$ttl: dataTypes.bigint,
  native: dataTypes.bigint,
  time: dataTypes.timeuuid,
  id: dataTypes.uuid,
  gone: dataTypes.uuid,
};

/** A client that notes what it is asked, and answers with one row or an error. */
function clientWith(answer: {
  readonly row?: Record<string, unknown>;
  readonly error?: Error;
  readonly pageState?: string;
}) {
  const asked: unknown[][] = [];
  const host = { address: '10.0.0.1:9042' };
  const row = { ...answer.row };
  const columns = Object.entries(row).map(([name]) => ({ name, type: { code: types[name] ?? dataTypes.int } }));
  const client = {
    hosts: { values: () => [host], get: (address: string) => (address === host.address ? host : undefined) },
    execute: (...request: unknown[]) => {
      asked.push(request);
      return answer.error
        ? Promise.reject(answer.error)
        : Promise.resolve({ rows: [row], columns, pageState: answer.pageState ?? null });
    },
  };
  return { session: driverSession(client as unknown as cassandra.Client), asked, host };
}

describe('the session on cassandra-driver', () => {
  it('trap 7.7: gives 64-bit numbers as bigints whatever the client does, and operation -3 as -3', async () => {
    const row = { cdc$ttl: Long.fromString('9007199254740993'), native: 5n, cdc$operation: -3 };
    const { rows } = await clientWith({ row }).session.read(statement, []);
    expect(rows).toEqual([{ cdc$ttl: 9007199254740993n, native: 5n, cdc$operation: -3 }]);
  });

  it('gives timeuuids as bytes, uuids as texts, absent values as null, and the rest as it is', async () => {
    const time = Buffer.from('b223c55e6d0711ea765424e4fb3f20b9', 'hex');
    const date = new Date(5);
    const row = { time: new TimeUuid(time), id: new Uuid(Buffer.alloc(16)), gone: null, date, set: [time] };
    const { rows } = await clientWith({ row }).session.read(statement, []);
    expect(rows).toEqual([{ time, id: '00000000-0000-0000-0000-000000000000', gone: null, date, set: [time] }]);
  });

  it('trap 7.11: prepares every statement and asks a quorum, unless told otherwise', async () => {
    const { session, asked } = clientWith({});
    await session.read(statement, ['x'], { rowsMax: 7, pageState: 'next' });
    await session.read(statement, [], { consistency: 'one' });
    expect(asked[0]).toEqual([
      statement.cql,
      ['x'],
      {
        prepare: true,
        isIdempotent: true,
        consistency: cassandra.types.consistencies.localQuorum,
        fetchSize: 7,
        pageState: 'next',
      },
    ]);
    expect(asked[1]?.[2]).toMatchObject({ consistency: cassandra.types.consistencies.one, prepare: true });
  });

  it('trap 7.14: asks the one node it is told to, and no other when that is gone', async () => {
    const { session, asked, host } = clientWith({});
    expect(session.hosts?.()).toEqual(['10.0.0.1:9042']);
    await session.read(statement, [], { host: '10.0.0.1:9042' });
    expect(asked[0]?.[2]).toMatchObject({ host });
    await expect(session.read(statement, [], { host: '10.0.0.9:9042' })).rejects.toThrow(
      'cdc.read-log was not answered: no node at 10.0.0.9:9042 is known to the driver any more',
    );
  });

  it('trap 7.13: gives the page state, undefined at the end', async () => {
    expect((await clientWith({ pageState: 'more' }).session.read(statement, [])).pageState).toBe('more');
    expect((await clientWith({}).session.read(statement, [])).pageState).toBeUndefined();
  });

  it('tells a refusal of the server from an outage', async () => {
    const responseError = (code: number) => Object.assign(new Error('server'), { name: 'ResponseError', code });
    const error = (error: Error) => clientWith({ error }).session.read(statement, []);
    await expect(error(responseError(0x2200))).rejects.toThrow(LogRefusedError);
    await expect(error(responseError(0x2100))).rejects.toThrow(LogRefusedError);
    await expect(error(responseError(0x1200))).rejects.toThrow(LogUnavailableError);
    await expect(error(new Error('socket closed'))).rejects.toThrow(LogUnavailableError);
  });
});
