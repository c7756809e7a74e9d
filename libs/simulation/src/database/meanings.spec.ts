import type { BoundStatement, Statement } from '@chronicle/cql';
import { TestCluster, TestKeyspace } from '@chronicle/cql/testing';
import { migrateReadModel } from '@chronicle/projection-cql';
import { systemClock, systemEntropy } from '@chronicle/seams';
import { thingsByShelf } from '../consumers/things-by-shelf.js';
import { PROFILES, type Profile } from '../run-schedules.js';
import { KEYSPACE } from '../world/simulated-world.js';
import { NO_TRACE } from '../world/trace.js';
import { generatedRequests } from './generated-requests.fixture.js';
import { MEANINGS, type CarriedOut } from './in-memory-cluster.js';
import { TwinPort } from './twin-port.fixture.js';

const cassandra = new TestKeyspace(new TestCluster(process.env, ['cassandra']));
/** Nothing is ever in them in these schedules; that they are empty is all that is asked. */
const ALWAYS_EMPTY = [
  'consumer.read-parked',
  'consumer.read-revision',
  'projection-versions.find',
  'group.read-control',
  'group.read-actions',
];
const TABLES = [
  'event_store',
  'append_intents',
  'instances',
  'outbox_messages',
  'outbox_messages_scylla_cdc_log',
  'schema_lock',
  'scylla_keyspaces',
  'cdc_generation_timestamps',
  'cdc_streams_descriptions_v2',
  'cdc_timestamps',
  'cdc_streams',
  'consumer_buckets',
  'consumer_checkpoints',
  'projection_state',
  'projection_versions',
  'things_v1',
];
/** Schedules among which those are chosen that say something new. */
const SCHEDULES = 30;
const GENERATED = 8;
const REQUESTS = 200;
const FIRST_TIME = Buffer.from('00000000000010008080808080808080', 'hex');
const LAST_TIME = Buffer.from('ffffffffffff1fff7f7f7f7f7f7f7f7f', 'hex');

(cassandra.cluster.isThere ? describe : describe.skip)(
  'the meanings of the statements, compared with Cassandra',
  () => {
    let twin: TwinPort;
    /** The adapters keep their statements to themselves: what they say tells them. */
    const said = new Map<string, Statement>();
    const chosen: (readonly CarriedOut[])[] = [];
    beforeAll(async () => {
      for (const profile of Object.keys(PROFILES) as Profile[]) {
        for (let seed = 1; seed <= SCHEDULES; seed += 1) {
          const requests = await requestsOf(profile, seed);
          const statements = requests.flatMap((request) => request.statements.map(({ statement }) => statement));
          if (statements.every(({ name }) => said.has(name))) continue;
          chosen.push(requests);
          for (const statement of statements) said.set(statement.name, statement);
        }
      }
      await cassandra.create();
      await migrateReadModel(cassandra.port, thingsByShelf, {
        keyspace: cassandra.name,
        clock: systemClock,
        entropy: systemEntropy,
      });
      twin = new TwinPort(cassandra.port);
    });
    afterAll(() => cassandra.remove());
    beforeEach(async () => {
      await cassandra.truncate(TABLES);
      twin.emptyMemory();
    });
    afterEach(() => expect(twin.differences.splice(0)).toEqual([]));

    it('given what the adapters say in schedules that leave no statement out, then both give the same answers', async () => {
      for (const requests of chosen) for (const request of requests) await say(request);
    });

    it.each(seeds(GENERATED))(
      'given requests of any order and sense (%i), then both give the same answers',
      async (seed) => {
        for (const { kind, statements } of generatedRequests(seed, REQUESTS)) {
          await say({
            kind,
            statements: statements.map(({ name, values }) => ({ statement: said.get(name)!, values })),
          });
        }
      },
    );

    it('has compared every statement, and of every condition both outcomes', () => {
      expect(Object.keys(MEANINGS).filter((name) => !twin.answers.has(name))).toEqual([]);
      const oneSided = Object.entries(MEANINGS).filter(([name, meaning]) => {
        const answers = twin.answers.get(name);
        if (meaning.kind === 'read') return !answers?.has('rows');
        return meaning.condition !== undefined && !(answers?.has('applied') && answers.has('not applied'));
      });
      expect(oneSided.map(([name]) => name).sort()).toEqual([...ALWAYS_EMPTY].sort());
    });

    async function say({ kind, statements }: CarriedOut): Promise<void> {
      const here = statements.map(inKeyspace);
      const [first] = here;
      if (kind === 'read') await twin.read(first!.statement, first!.values);
      else if (kind === 'conditional write') await twin.writeIf(here);
      else if (here.length > 1) await twin.writeTogether(here);
      else await twin.write(first!.statement, first!.values);
    }

    /** As it would be said in the keyspace of this suite, and of the log at any time: simulated time is not that of the server. */
    function inKeyspace({ statement, values }: BoundStatement): BoundStatement {
      const { name, cql } = statement;
      const ofAnyTime = name.startsWith('cdc.read-log') ? [values[0], FIRST_TIME, LAST_TIME] : values;
      return {
        statement: { name, cql: cql.replaceAll(KEYSPACE, cassandra.name) },
        values: ofAnyTime.map((value) => (value === KEYSPACE ? cassandra.name : value)),
      };
    }
  },
);

function seeds(count: number): number[] {
  return Array.from({ length: count }, (_, index) => index + 1);
}

async function requestsOf(profile: Profile, seed: number): Promise<CarriedOut[]> {
  const requests: CarriedOut[] = [];
  await PROFILES[profile]({ seed, trace: NO_TRACE, onRequest: (request) => requests.push(request) });
  return requests;
}
