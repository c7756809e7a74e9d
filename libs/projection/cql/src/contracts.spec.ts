import type { ConsumerStore } from '@chronicle/change-feed-core';
import { CqlGroupCoordination } from '@chronicle/change-feed-cql';
import { statement } from '@chronicle/cql';
import { TestCluster, TestKeyspace } from '@chronicle/cql/testing';
import type { ProjectionDefinition, RowChange, TableDefinition } from '@chronicle/projection-core';
import { projectionStoreContract, readModelContract } from '@chronicle/projection-testing';
import { systemClock, systemEntropy, uuidV7 } from '@chronicle/seams';
import { openCqlProjectionStore } from './cql-projection-store.js';
import { CqlReadModelReader } from './cql-read-model-reader.js';

const cassandra = new TestKeyspace(new TestCluster(process.env));
const AGGREGATE_ID = '00000000-0000-7000-8000-000000000001';
let places = 0;

/** The specimen under names that no other test has, which is an empty place; with what the table has besides. */
function anEmptyPlace(besides: Partial<TableDefinition>): (definition: ProjectionDefinition) => ProjectionDefinition {
  const place = (places += 1);
  return ({ group, version, table }) => ({
    group: `${place}-${group}`,
    version,
    table: { ...table, ...besides, name: `${table.name}_${place}` },
  });
}

function reader(definition: ProjectionDefinition): CqlReadModelReader {
  return new CqlReadModelReader({ port: cassandra.port, definition, clock: systemClock });
}

function openStore(definition: ProjectionDefinition): Promise<ConsumerStore<RowChange>> {
  return openCqlProjectionStore({ ...cassandra.options, port: cassandra.port, definition });
}

const layouts: [layout: string, besides: Partial<TableDefinition>][] = [
  ['Cassandra', {}],
  ['Cassandra, spread by time', { spreadBy: 'at' }],
];

(cassandra.cluster.isThere ? describe : describe.skip)(`on ${cassandra.dialect}`, () => {
  beforeAll(() => cassandra.create());
  afterAll(() => cassandra.remove());

  for (const [layout, besides] of layouts) {
    readModelContract(layout, async (specimen) => {
      const definition = anEmptyPlace(besides)(specimen);
      let store: ConsumerStore<RowChange> | undefined;
      let sequence = 0;
      let epoch = 0;
      const open = async () => {
        epoch = await own(definition, 3);
        return openStore(definition);
      };
      return {
        reader: reader(definition),
        async apply(effects) {
          store ??= await open();
          sequence += 1;
          const position = { sequence, state: null, parked: null };
          await store.commit([{ aggregateId: AGGREGATE_ID, bucket: 3, epoch, position, effects }], []);
        },
        close: async () => store?.close(),
      };
    });

    projectionStoreContract(layout, {
      atomic: false,
      async open(specimen) {
        const placed = anEmptyPlace(besides);
        const definition = placed(specimen);
        return {
          store: await openStore(definition),
          reader: reader(definition),
          own: (bucket) => own(definition, bucket),
          again: (other = specimen) => openStore(placed(other)),
          close: async () => undefined,
        };
      },
    });
  }

  it('given a first version that was recorded by one who was then cut short, then opening it again makes it readable', async () => {
    const definition = anEmptyPlace({})({
      group: 'things-projection',
      version: 1,
      table: { name: 'things', columns: { id: 'uuid', name: 'text' }, partitionKey: ['id'], clusteringKey: [] },
    });
    await openStore(definition);
    const cut = statement(
      'test.cut',
      'UPDATE projection_versions SET live = null WHERE consumer_group = ? IF live = 1',
    );
    await cassandra.port.writeIf([{ statement: cut, values: [definition.group] }]);
    await expect(reader(definition).find({ id: AGGREGATE_ID })).rejects.toMatchObject({ code: 'store-unavailable' });
    await openStore(definition);
    expect(await reader(definition).find({ id: AGGREGATE_ID })).toBeUndefined();
  });
});

/** Makes a new owner of `bucket`; returns its epoch. */
async function own({ group, version }: ProjectionDefinition, bucket: number): Promise<number> {
  const { port } = cassandra;
  const coordination = await CqlGroupCoordination.open({ port, group, version, bucketCount: 8 });
  const seen = (await coordination.buckets())[bucket]!;
  const claim = await coordination.take(seen, uuidV7(systemClock, systemEntropy));
  if (claim.outcome !== 'claimed') throw new Error(`bucket ${bucket}: ${claim.outcome}`);
  return claim.epoch;
}
