import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { readModelContract } from '@chronicle/projection-testing';
import type { ProjectionDefinition, RowChange } from '@chronicle/projection-core';
import { SqliteDatabase } from '@chronicle/sqlite';
import { EmbeddedReadModelReader } from './embedded-read-model-reader.js';
import { openProjectionVersion } from './projection-versions.js';
import { RowWriter } from './row-writer.js';

readModelContract('embedded', async (definition) => {
  const folder = mkdtempSync(join(tmpdir(), 'read-model-'));
  const path = join(folder, `${definition.group}.db`);
  const reader = new EmbeddedReadModelReader(folder, definition);
  let database: SqliteDatabase | undefined;
  const make = async () => {
    const made = await SqliteDatabase.open({ path, synchronous: 'NORMAL' });
    await made.write(() => openProjectionVersion(made, definition));
    return made;
  };
  return {
    reader,
    async apply(changes: readonly RowChange[]) {
      const open = (database ??= await make());
      await open.write(() => new RowWriter(open, definition).apply(changes));
    },
    async close() {
      await reader.close();
      database?.close();
      rmSync(folder, { recursive: true });
    },
  };
});

describe('the embedded read model', () => {
  const shelves: ProjectionDefinition = {
    group: 'shelves',
    version: 1,
    table: {
      name: 'odd "name"',
      columns: { 'shelf"id': 'text', select: 'integer' },
      partitionKey: ['shelf"id'],
      clusteringKey: [],
    },
  };
  let folder: string;
  let database: SqliteDatabase;
  let reader: EmbeddedReadModelReader;
  beforeEach(async () => {
    folder = mkdtempSync(join(tmpdir(), 'read-model-'));
    database = await SqliteDatabase.open({ path: join(folder, 'shelves.db'), synchronous: 'NORMAL' });
    reader = new EmbeddedReadModelReader(folder, shelves);
  });
  afterEach(async () => {
    await reader.close();
    database.close();
    rmSync(folder, { recursive: true });
  });
  const open = (definition: ProjectionDefinition) => database.write(() => openProjectionVersion(database, definition));
  const write = (definition: ProjectionDefinition, select: number) =>
    database.write(() =>
      new RowWriter(database, definition).apply([{ kind: 'write', row: { 'shelf"id': 'A', select } }]),
    );

  it('takes any name of tables and columns', async () => {
    await open(shelves);
    await write(shelves, 7);
    expect(await reader.find({ 'shelf"id': 'A' })).toEqual({ 'shelf"id': 'A', select: 7 });
  });

  it('given a table without clustering key, then a partition is one page of one row', async () => {
    await open(shelves);
    await write(shelves, 7);
    const partition = { 'shelf"id': 'A' };
    expect(await reader.page({ partition, limit: 10 })).toEqual([{ 'shelf"id': 'A', select: 7 }]);
    expect(await reader.page({ partition, after: {}, limit: 10 })).toEqual([]);
  });

  it('given a second version, then reads the first until the second is made live', async () => {
    const second = { ...shelves, version: 2 };
    await open(shelves);
    await open(second);
    await open(second); // opening again changes nothing
    await write(shelves, 1);
    await write(second, 2);
    expect(await reader.find({ 'shelf"id': 'A' })).toMatchObject({ select: 1 });
    await database.write(() => {
      database.statement('UPDATE projection_versions SET live = 0').run();
      database.statement('UPDATE projection_versions SET live = 1 WHERE projection_version = 2').run();
    });
    expect(await reader.find({ 'shelf"id': 'A' })).toMatchObject({ select: 2 });
  });

  it('given no live version, then is unavailable', async () => {
    await open(shelves);
    await database.write(() => database.statement('DELETE FROM projection_versions').run());
    await expect(reader.find({ 'shelf"id': 'A' })).rejects.toMatchObject({ code: 'store-unavailable' });
  });
});
