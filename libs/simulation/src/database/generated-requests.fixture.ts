import { ENVELOPE_COLUMNS, type CqlValue } from '@chronicle/cql';
import { Chance } from '../world/chance.js';

/** A request to both databases: a read, or writes that go together, on a condition if one of them has any. */
export interface GeneratedRequest {
  readonly kind: 'read' | 'write' | 'conditional write';
  readonly statements: readonly { readonly name: string; readonly values: readonly CqlValue[] }[];
}

/** Few values, so that requests meet each other. */
const IDS = ['0193a000-0000-7000-8000-000000000001', '0193a000-0000-7000-8000-00000000000a'];
const INSTANCES = ['0193b000-0000-7000-8000-000000000001', '0193b000-0000-7000-9000-000000000002'];
const ATTEMPTS = ['0193c000-0000-7000-8000-000000000001', '0193c000-0000-4000-8000-000000000002'];
const GROUP = 'generated';
const TEXTS = ['["a",1]', '["b",2]'];
const PLACES = [2n ** 62n + 5n, 2n ** 62n + 9n];
const TIME = '2026-01-01T00:00:00.000Z';
const LAST_EVENT = BigInt(Number.MAX_SAFE_INTEGER);
const TOKENS = [-(2n ** 63n), -(2n ** 61n), 0n, 2n ** 62n, 2n ** 63n - 1n];

/** Requests in any order and of any sense to the tables of the event store, of a consumer group and of the schema's lock. */
export function generatedRequests(seed: number, count: number): readonly GeneratedRequest[] {
  const chance = new Chance(seed);
  return Array.from({ length: count }, () => chance.oneOf(GENERATORS)(chance));
}

type Generator = (chance: Chance) => GeneratedRequest;

const id = (chance: Chance) => chance.oneOf(IDS);
const instance = (chance: Chance) => chance.oneOf(INSTANCES);
const small = (chance: Chance) => BigInt(chance.whole(1, 3));
const owner = (chance: Chance) => chance.oneOf([null, INSTANCES[0]]);
const smallOrNone = (chance: Chance) => chance.oneOf([null, 1n, 2n]);

const GENERATORS: readonly Generator[] = [
  commit,
  commit,
  (chance) =>
    conditional('event-store.raise-fence', [small(chance), id(chance), smallOrNone(chance), smallOrNone(chance)]),
  (chance) => read('event-store.load-head', [id(chance)]),
  (chance) => read('event-store.load-head-with-command', [id(chance), 1n, chance.oneOf(PLACES)]),
  (chance) => read('event-store.load-events', [id(chance), small(chance), chance.oneOf([1n, 2n, LAST_EVENT])]),
  (chance) => read('event-store.find-event', [id(chance), small(chance)]),
  (chance) => read('event-store.scan', [chance.oneOf(TOKENS.slice(0, 3)), chance.oneOf(TOKENS.slice(3))]),
  intents,
  intents,
  (chance) => write('intents.delete-page', [instance(chance), chance.whole(0, 1)]),
  (chance) => write('intents.delete', [instance(chance), chance.whole(0, 1), chance.oneOf(ATTEMPTS)]),
  () => read('intents.read-all', []),
  (chance) => conditional('writers.insert-instance', [instance(chance), 0n]),
  (chance) => conditional('writers.beat', [small(chance), instance(chance), BigInt(chance.whole(0, 3))]),
  (chance) => conditional('writers.delete-instance', [instance(chance), BigInt(chance.whole(0, 3))]),
  (chance) => read('writers.read-beat', [instance(chance)]),
  () => read('writers.read-instances', []),
  (chance) => conditional('group.beat', [small(chance), 0n, GROUP, instance(chance)]),
  (chance) => conditional('group.enter-instance', [GROUP, instance(chance), 1n, 0n]),
  (chance) => conditional('group.remove-instance', [GROUP, instance(chance)]),
  () => read('group.read-instances', [GROUP]),
  (chance) =>
    conditional('group.give-bucket', [
      owner(chance),
      small(chance),
      null,
      GROUP,
      0,
      owner(chance),
      smallOrNone(chance),
    ]),
  (chance) =>
    conditional('group.ask-for-bucket', [
      instance(chance),
      GROUP,
      0,
      owner(chance),
      smallOrNone(chance),
      owner(chance),
    ]),
  () => read('group.read-buckets', [GROUP]),
  (chance) =>
    write('consumer.move-position', [small(chance), small(chance), chance.oneOf(TEXTS), GROUP, 1, id(chance)]),
  (chance) => read('consumer.read-positions', [GROUP, 1, [id(chance), id(chance), id(chance)]]),
  (chance) => write('consumer.save-checkpoint', [small(chance), chance.oneOf(TEXTS), GROUP, 0]),
  () => read('consumer.read-checkpoints', [GROUP]),
  (chance) => conditional('schema-lock.take', [instance(chance)]),
  (chance) => conditional('schema-lock.release', [instance(chance)]),
];

function commit(chance: Chance): GeneratedRequest {
  const aggregateId = id(chance);
  const version = chance.whole(0, 2);
  const moved = [BigInt(version + 1), Buffer.alloc(2), TIME, 1n, 'Thing', aggregateId];
  const condition = [version === 0 ? null : BigInt(version), smallOrNone(chance)];
  const command =
    version === 0
      ? { name: 'event-store.remember-creation', values: [chance.oneOf(TEXTS), aggregateId] }
      : {
          name: 'event-store.remember-command',
          values: [3_600, chance.oneOf(TEXTS), aggregateId, chance.oneOf(PLACES), chance.oneOf([null, null, ...TEXTS])],
        };
  const event = { name: 'event-store.insert-event', values: eventValues(aggregateId, BigInt(version + 1), chance) };
  return {
    kind: 'conditional write',
    statements: [{ name: 'event-store.move-version', values: [...moved, ...condition] }, command, event],
  };
}

function eventValues(aggregateId: string, sequence: bigint, chance: Chance): readonly CqlValue[] {
  const values: Record<string, CqlValue> = {
    aggregate_id: aggregateId,
    sequence_number: sequence,
    event_id: chance.oneOf(ATTEMPTS),
    event_type: 'ThingDone',
    event_version: 1,
    event_data: chance.oneOf(TEXTS),
    causation_id: id(chance),
    correlation_id: id(chance),
    user_id: chance.oneOf([undefined, 'user-1']),
    timestamp: TIME,
    metadata: new Map(chance.is(0.5) ? [['key', 'value']] : []),
    hash: Buffer.alloc(2),
  };
  return ENVELOPE_COLUMNS.filter((column) => column !== 'aggregate_type').map((column) => values[column]);
}

/** Some of one page, as in every batch. */
function intents(chance: Chance): GeneratedRequest {
  const page = [instance(chance), chance.whole(0, 1)];
  const statements = ATTEMPTS.slice(0, chance.whole(1, ATTEMPTS.length)).map((attempt) => ({
    name: 'intents.insert',
    values: [...page, attempt, id(chance), small(chance), 1],
  }));
  return { kind: 'write', statements };
}

function read(name: string, values: readonly CqlValue[]): GeneratedRequest {
  return { kind: 'read', statements: [{ name, values }] };
}

function write(name: string, values: readonly CqlValue[]): GeneratedRequest {
  return { kind: 'write', statements: [{ name, values }] };
}

function conditional(name: string, values: readonly CqlValue[]): GeneratedRequest {
  return { kind: 'conditional write', statements: [{ name, values }] };
}
