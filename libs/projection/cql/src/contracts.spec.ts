import type { ConsumerStore } from '@chronicle/change-feed-core';
import { CqlGroupCoordination } from '@chronicle/change-feed-cql';
import type { ProjectionDefinition, RowChange } from '@chronicle/projection-core';
import { projectionStoreContract, readModelContract } from '@chronicle/projection-testing';
import { systemClock, systemEntropy, uuidV7 } from '@chronicle/seams';
import { openCqlProjectionStore } from './cql-projection-store.js';
import { CqlReadModelReader } from './cql-read-model-reader.js';
import { CassandraReadModels } from './read-models.fixture.js';

const cassandra = new CassandraReadModels(process.env);
let places = 0;

/** The specimen under names that no other test has, which is an empty place. */
function anEmptyPlace(): (definition: ProjectionDefinition) => ProjectionDefinition {
  const place = (places += 1);
  return ({ group, version, table }) => ({
    group: `${place}-${group}`,
    version,
    table: { ...table, name: `${table.name}_${place}` },
  });
}

function reader(definition: ProjectionDefinition): CqlReadModelReader {
  return new CqlReadModelReader({ port: cassandra.port, definition, clock: systemClock });
}

function openStore(definition: ProjectionDefinition): Promise<ConsumerStore<RowChange>> {
  return openCqlProjectionStore({ ...cassandra.schema, port: cassandra.port, definition });
}

cassandra.describe('on Cassandra', () => {
  beforeAll(() => cassandra.create());
  afterAll(() => cassandra.remove());

  readModelContract('Cassandra', async (specimen) => {
    const definition = anEmptyPlace()(specimen);
    let store: ConsumerStore<RowChange> | undefined;
    let sequence = 0;
    return {
      reader: reader(definition),
      async apply(effects) {
        store ??= await openStore(definition);
        sequence += 1;
        const position = { sequence, state: null, parked: null };
        const aggregateId = '00000000-0000-7000-8000-000000000001';
        const epoch = sequence === 1 ? await own(definition, 3) : 1;
        await store.commit([{ aggregateId, bucket: 3, epoch, position, effects }], []);
      },
      close: async () => store?.close(),
    };
  });

  projectionStoreContract('Cassandra', {
    atomic: false,
    async open(specimen) {
      const placed = anEmptyPlace();
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
