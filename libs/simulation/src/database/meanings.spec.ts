import type { Statement } from '@chronicle/cql';
import { PROFILES, type Profile } from '../run-schedules.js';
import { NO_TRACE } from '../world/trace.js';
import { CassandraKeyspace } from './cassandra-keyspace.fixture.js';
import { generatedRequests } from './generated-requests.fixture.js';
import { MEANINGS, type CarriedOut } from './in-memory-cluster.js';
import { TwinPort } from './twin-port.fixture.js';

const cassandra = new CassandraKeyspace(process.env);
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
];
/** Schedules whose requests are said again, and schedules that are run only to learn the texts of rare statements. */
const REPLAYED = 6;
const LEARNT_FROM = 200;
const GENERATED = 8;
const REQUESTS = 200;

cassandra.describe('the meanings of the statements, compared with Cassandra', () => {
  let twin: TwinPort;
  let said: ReadonlyMap<string, Statement>;
  beforeAll(async () => {
    said = await saidInSchedules();
    await cassandra.create();
    twin = new TwinPort(cassandra.port);
  });
  afterAll(() => cassandra.remove());
  beforeEach(async () => {
    await cassandra.empty(TABLES);
    twin.emptyMemory();
  });
  afterEach(() => expect(twin.differences.splice(0)).toEqual([]));

  it.each(seeds(REPLAYED))(
    'given what the adapters say in schedule %i, then both give the same answers',
    async (seed) => {
      for (const profile of Object.keys(PROFILES) as Profile[]) {
        for (const request of await requestsOf(profile, seed)) await say(request);
      }
    },
  );

  it.each(seeds(GENERATED))(
    'given requests of any order and sense (%i), then both give the same answers',
    async (seed) => {
      for (const { kind, statements } of generatedRequests(seed, REQUESTS)) {
        await say({ kind, statements: statements.map(({ name, values }) => ({ statement: said.get(name)!, values })) });
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
    expect(oneSided.map(([name]) => name)).toEqual([]);
  });

  async function say({ kind, statements }: CarriedOut): Promise<void> {
    const [first] = statements;
    if (kind === 'read') await twin.read(first!.statement, first!.values);
    else if (kind === 'conditional write') await twin.writeIf(statements);
    else if (statements.length > 1) await twin.writeTogether(statements);
    else await twin.write(first!.statement, first!.values);
  }
});

function seeds(count: number): number[] {
  return Array.from({ length: count }, (_, index) => index + 1);
}

async function requestsOf(profile: Profile, seed: number): Promise<CarriedOut[]> {
  const requests: CarriedOut[] = [];
  await PROFILES[profile]({ seed, trace: NO_TRACE, onRequest: (request) => requests.push(request) });
  return requests;
}

/** The adapters keep their statements to themselves: what they say tells them. */
async function saidInSchedules(): Promise<ReadonlyMap<string, Statement>> {
  const said = new Map<string, Statement>();
  for (const profile of Object.keys(PROFILES) as Profile[]) {
    for (const seed of seeds(LEARNT_FROM)) {
      for (const { statements } of await requestsOf(profile, seed)) {
        for (const { statement } of statements) said.set(statement.name, statement);
      }
    }
  }
  return said;
}
