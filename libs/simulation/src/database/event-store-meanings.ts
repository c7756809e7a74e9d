import { ENVELOPE_COLUMNS, type CqlRow, type CqlValue } from '@chronicle/cql';
import { ifColumns, ifNotExists, put, read, remove, write, type Meanings, type ReadMoment } from './meaning.js';

const HEAD = ['aggregate_type', 'version', 'fence', 'last_hash', 'last_timestamp', 'command_count', 'creation'];
/** Commands are rows too, behind the events. */
const LAST_EVENT = BigInt(Number.MAX_SAFE_INTEGER);
const EVENT_COLUMNS = ENVELOPE_COLUMNS.filter((column) => column !== 'aggregate_type');
const INTENT = ['instance_id', 'page', 'attempt_id', 'aggregate_id', 'version', 'events'];
const WRITERS = 'command-service';

/** The event store, its intents and writers: `@chronicle/event-sourcing-cql`. */
export const EVENT_STORE_MEANINGS: Meanings = {
  'event-store.load-head': read(([id], { tables, now }) => tables.event_store.find([id], HEAD, now).slice(0, 1)),
  'event-store.load-head-with-command': read(([id, first, place], { tables, now }) =>
    [first, place].flatMap((sequence) =>
      tables.event_store.find([id], [...HEAD, 'sequence_number', 'command'], now, { from: [sequence], to: [sequence] }),
    ),
  ),
  'event-store.load-events': read(([id, from, to], { tables, now }) =>
    tables.event_store.find([id], ENVELOPE_COLUMNS, now, { from: [from], to: [to] }),
  ),
  'event-store.scan': read(([after, upTo], { tables, now }) =>
    tables.event_store.scan(ENVELOPE_COLUMNS, now, {
      after: after as bigint,
      upTo: upTo as bigint,
      range: { to: [LAST_EVENT] },
    }),
  ),
  'event-store.find-event': read(([id, sequence], { tables, now }) =>
    tables.event_store.find([id], ['event_id'], now, { from: [sequence], to: [sequence] }),
  ),
  'event-store.move-version': write(
    ([version, last_hash, last_timestamp, command_count, aggregate_type, id], moment) => {
      const cells = { version, last_hash, last_timestamp, command_count, aggregate_type };
      return [put(moment.tables.event_store, { partition: [id] }, cells, moment, false)];
    },
    ([, , , , , id, version, fence], moment) => ifColumns(streamRow(id, moment), { version, fence }),
  ),
  'event-store.insert-event': write((values, moment) => {
    const [aggregate_id, sequence_number, ...rest] = values;
    const cells = Object.fromEntries(EVENT_COLUMNS.slice(2).map((column, index) => [column, rest[index]]));
    return [
      put(moment.tables.event_store, { partition: [aggregate_id], clustering: [sequence_number] }, cells, moment),
    ];
  }),
  'event-store.remember-creation': write(([creation, id], moment) => [
    put(moment.tables.event_store, { partition: [id] }, { creation }, moment, false),
  ]),
  'event-store.remember-command': write(
    ([, command, id, place], moment) => [
      put(moment.tables.event_store, { partition: [id], clustering: [place] }, { command }, moment, false),
    ],
    ([, , id, place, command], { tables, now }) =>
      ifColumns(tables.event_store.find([id], ['command'], now, { from: [place], to: [place] })[0]?.row, { command }),
  ),
  'event-store.raise-fence': write(
    ([fence, id], moment) => [put(moment.tables.event_store, { partition: [id] }, { fence }, moment, false)],
    ([, id, version, fence], moment) => ifColumns(streamRow(id, moment), { version, fence }),
  ),

  'outbox.insert': write((values, moment) => {
    const [aggregate_id, sequence_number] = values;
    const cells = Object.fromEntries(ENVELOPE_COLUMNS.slice(2).map((column, index) => [column, values[index + 2]]));
    const key = { partition: [aggregate_id], clustering: [sequence_number] };
    return [put(moment.tables.outbox_messages, key, cells, moment)];
  }),

  'intents.insert': write(([instance, page, attempt, aggregate_id, version, events], moment) => {
    const key = { partition: [instance, page], clustering: [attempt] };
    return [put(moment.tables.append_intents, key, { aggregate_id, version, events }, moment)];
  }),
  'intents.delete-page': write(([instance, page], moment) => [
    remove(moment.tables.append_intents, [instance, page], moment),
  ]),
  'intents.delete': write(([instance, page, attempt], moment) => [
    remove(moment.tables.append_intents, [instance, page], moment, { from: [attempt], to: [attempt] }),
  ]),
  'intents.read-all': read((_, { tables, now }) => tables.append_intents.scan(INTENT, now)),

  'writers.insert-instance': write(
    ([id, beat], moment) => [put(moment.tables.instances, instance(id), { beat }, moment)],
    ([id], moment) =>
      ifNotExists(instanceRow(id, moment, ['consumer_group', 'instance_id', 'beat', 'control_revision'])),
  ),
  'writers.beat': write(
    ([beat, id], moment) => [put(moment.tables.instances, instance(id), { beat }, moment, false)],
    ([, id, beat], moment) => ifColumns(instanceRow(id, moment, ['beat']), { beat }),
  ),
  'writers.read-beat': read(([id], { tables, now }) =>
    tables.instances.find([WRITERS], ['beat'], now, { from: [id], to: [id] }),
  ),
  'writers.delete-instance': write(
    ([id], moment) => [remove(moment.tables.instances, [WRITERS], moment, { from: [id], to: [id] })],
    ([id, beat], moment) => ifColumns(instanceRow(id, moment, ['beat']), { beat }),
  ),
  'writers.read-instances': read((_, { tables, now }) =>
    tables.instances.find([WRITERS], ['instance_id', 'beat'], now),
  ),
};

/** What the conditions on static columns see. */
function streamRow(id: CqlValue, { tables, now }: ReadMoment): CqlRow | undefined {
  return tables.event_store.find([id], ['version', 'fence'], now)[0]?.row;
}

function instance(id: CqlValue) {
  return { partition: [WRITERS], clustering: [id] };
}

function instanceRow(id: CqlValue, { tables, now }: ReadMoment, columns: readonly string[]): CqlRow | undefined {
  return tables.instances.find([WRITERS], columns, now, { from: [id], to: [id] })[0]?.row;
}
