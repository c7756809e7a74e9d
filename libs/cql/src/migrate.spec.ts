import { StoreUnavailableError } from '@chronicle/event-sourcing-core';
import type { CqlPort } from './cql-port.js';
import { statement } from './cql-port.js';
import { TestCluster, TestKeyspace } from './testing.js';
import { MigrationChangedError, migrate, splitStatements, type Migration } from './migrate.js';
import { platformMigrations } from './schema.js';

const cassandra = new TestCluster(process.env, ['cassandra']);
const tables = statement('test.tables', 'SELECT table_name FROM system_schema.tables WHERE keyspace_name = ?');
const people: Migration = { id: '001-people', cql: 'CREATE TABLE IF NOT EXISTS people (id int PRIMARY KEY);' };
const pets: Migration = { id: '002-pets', cql: 'CREATE TABLE IF NOT EXISTS pets (id int PRIMARY KEY);' };

describe('splitStatements', () => {
  it('separates at semicolons that end a line, and drops comments and spaces', () => {
    expect(
      splitStatements(`-- one\nCREATE TABLE a (\n  x text, -- kept\n  y int\n);\n\n  -- two\nDROP TABLE b;\n`),
    ).toEqual(['CREATE TABLE a ( x text, -- kept y int )', 'DROP TABLE b']);
    expect(splitStatements(`INSERT INTO a (x) VALUES (';-');`)).toEqual([`INSERT INTO a (x) VALUES (';-')`]);
    expect(splitStatements('-- nothing\n')).toEqual([]);
  });
});

(cassandra.isThere ? describe : describe.skip)('migrate', () => {
  let keyspace: TestKeyspace;
  let port: CqlPort;
  beforeEach(async () => {
    keyspace = new TestKeyspace(cassandra);
    await keyspace.make();
    port = await keyspace.connect();
  });
  afterEach(() => keyspace.remove());

  const tableNames = async () =>
    (await port.read(tables, [keyspace.name])).rows.map((row) => row.table_name as string).sort();

  it('applies what is missing, in order, tells of each, and changes nothing the second time', async () => {
    const told: string[] = [];
    const onProgress = ({ id, outcome }: { id: string; outcome: string }) => told.push(`${id} ${outcome}`);
    await migrate(port, [people], keyspace.options);
    expect(await migrate(port, [pets, people], { ...keyspace.options, onProgress })).toEqual([
      { id: '001-people', outcome: 'present', statements: 1 },
      { id: '002-pets', outcome: 'applied', statements: 1 },
    ]);
    expect(told).toEqual(['001-people present', '002-pets applied']);
    expect((await migrate(port, [pets, people], keyspace.options)).map(({ outcome }) => outcome)).toEqual([
      'present',
      'present',
    ]);
    expect(await tableNames()).toEqual(['people', 'pets', 'schema_lock', 'schema_migrations']);
  });

  it('told only to plan, says what it would do and does nothing', async () => {
    const dryRun = { ...keyspace.options, dryRun: true };
    expect(await migrate(port, [people], dryRun)).toEqual([
      { id: '001-people', outcome: 'would be applied', statements: 1 },
    ]);
    expect(await tableNames()).toEqual([]);
    await migrate(port, [people], keyspace.options);
    expect((await migrate(port, [people, pets], dryRun)).map(({ outcome }) => outcome)).toEqual([
      'present',
      'would be applied',
    ]);
    expect(await tableNames()).toEqual(['people', 'schema_lock', 'schema_migrations']);
  });

  it('refuses a step that was changed after it was applied, before it does anything else', async () => {
    await migrate(port, [people], keyspace.options);
    const changed = { ...people, cql: 'CREATE TABLE IF NOT EXISTS people (id int PRIMARY KEY, age int);' };
    const earlier = { ...pets, id: '000-pets' };
    for (const options of [keyspace.options, { ...keyspace.options, dryRun: true }]) {
      await expect(migrate(port, [earlier, changed], options)).rejects.toEqual(new MigrationChangedError('001-people'));
    }
    expect(await tableNames()).not.toContain('pets');
  });

  it('run by several at once on a new keyspace, applies the whole schema once: one did it, the others found it', async () => {
    const others = [port, await keyspace.connect(), await keyspace.connect()];
    const schema = await platformMigrations({ dialect: 'cassandra' });
    const reports = await Promise.all(others.map((other) => migrate(other, schema, keyspace.options)));
    const outcomes = reports.map((report) => [...new Set(report.map(({ outcome }) => outcome))]);
    expect(outcomes.sort()).toEqual([['applied'], ['present'], ['present']]);
    expect(await tableNames()).toEqual(expect.arrayContaining(['event_store', 'outbox_messages_scylla_cdc_log']));
  });

  it('given a keyspace with more replicas than nodes, says so soon, and not that another process is at work', async () => {
    const poor = new TestKeyspace(keyspace.cluster);
    await poor.make();
    const poorPort = await poor.connect();
    const replication = `{'class': 'NetworkTopologyStrategy', '${keyspace.cluster.localDataCenter}': 9}`;
    await poorPort.write(statement('test.alter', `ALTER KEYSPACE ${poor.name} WITH replication = ${replication}`), []);
    const refused = await migrate(poorPort, [people], poor.options).catch((error: unknown) => error);
    await poor.remove();
    expect(refused).toBeInstanceOf(StoreUnavailableError);
    expect((refused as Error).message).toMatch(/Not enough replicas/);
  });

  it('given a lock whose holder is gone, waits for its end, and no longer than it may', async () => {
    await migrate(port, [people], keyspace.options);
    const lockFor = (seconds: number) =>
      port.writeIf([
        {
          statement: statement(
            'test.lock',
            `INSERT INTO schema_lock (name, holder) VALUES ('schema', uuid()) IF NOT EXISTS USING TTL ${seconds}`,
          ),
          values: [],
        },
      ]);
    await lockFor(2);
    expect((await migrate(port, [people], keyspace.options)).map(({ outcome }) => outcome)).toEqual(['present']);
    await lockFor(60);
    await expect(migrate(port, [people], { ...keyspace.options, lockWaitMs: 300 })).rejects.toMatchObject({
      name: 'SchemaLockedError',
      code: 'schema-locked',
    });
  });
});
