import type { EventStore, StoredEvent } from '@chronicle/event-sourcing-core';
import { orderEventContracts } from '@chronicle/orders-contracts';
import { isUuid } from '@chronicle/seams';
import { EXIT, NotThereError, UsageError, type Command, type Invocation } from '../command.js';
import { shownEvent, type ShownEvent } from '../event-view.js';
import { nearest } from '../nearest.js';
import { withEventStore } from '../open-parts.js';
import { textOption, uuidArgument } from '../option-values.js';
import { lineOf } from '../text-table.js';

export const eventsCommand: Command = {
  name: 'events',
  usage: ['events ORDER_ID', 'events --correlation ID', 'events --type TYPE'],
  summary: 'prints events: those of an order, of a flow, or of a type',
  details:
    'Of an order in ascending order; of a flow or a type by order, ascending within it. Payloads are brought up to their\n' +
    'newest version. With --json one object a line, with the fields of GET /v1/orders/{id}/events. An event that this build\n' +
    'cannot read is printed as it is stored, with a note. Exit code 1 when there is no such order.',
  example: 'events 0197c8a1-6f00-7000-8000-000000000001 --json',
  arguments: [0, 1],
  options: {
    correlation: { value: 'ID', help: 'the events with this correlation id' },
    type: { value: 'TYPE', help: `the events of this type: ${Object.keys(orderEventContracts).join(', ')}` },
  },
  async run(invocation) {
    const { load, emptyMeans } = selection(invocation);
    let count = 0;
    await withEventStore(invocation.location, async (store) => {
      for await (const page of load(store)) {
        for (const event of page) await print(event, invocation, (count += 1) === 1);
        if (invocation.signal.aborted) return;
      }
    });
    if (count === 0) emptyMeans();
    return EXIT.done;
  },
};

interface Selection {
  readonly load: (store: EventStore) => AsyncIterable<readonly StoredEvent[]>;
  /** Throws when finding nothing is a mistake, else says so. */
  readonly emptyMeans: () => void;
}

function selection({ arguments: [order], options, output }: Invocation): Selection {
  const correlation = textOption(options, 'correlation');
  const type = textOption(options, 'type');
  if ([order, correlation, type].filter((given) => given !== undefined).length !== 1) {
    throw new UsageError(
      `events: expected one of ORDER_ID, --correlation ID and --type TYPE. Usage: ${eventsCommand.usage.join(' | ')}`,
    );
  }
  if (correlation !== undefined) {
    const correlationId = uuidArgument(correlation, '--correlation');
    return {
      load: (store) => store.byCorrelation(correlationId),
      emptyMeans: () => output.note(`no event has the correlation id ${correlationId}`),
    };
  }
  if (type !== undefined) {
    const eventType = knownType(type);
    return {
      load: (store) => eventsOfType(store, eventType),
      emptyMeans: () => output.note(`no event is of type ${eventType}`),
    };
  }
  if (!isUuid(order)) throw new NotThereError(`there is no order ${JSON.stringify(order)}: ids of orders are UUIDs`);
  const orderId = order.toLowerCase();
  return {
    load: (store) => store.load(orderId),
    emptyMeans: () => {
      throw new NotThereError(`there is no order ${orderId}`);
    },
  };
}

async function* eventsOfType(store: EventStore, eventType: string): AsyncGenerator<readonly StoredEvent[]> {
  for await (const { events } of store.streamAll({ eventType })) yield events;
}

function knownType(type: string): string {
  const known = Object.keys(orderEventContracts);
  if (known.includes(type)) return type;
  throw new UsageError(
    `--type ${type}: no such event type: did you mean ${nearest(type, known)}? (${known.join(', ')})`,
  );
}

const WIDTHS = [24, 36, 5, 18];

async function print(stored: StoredEvent, { output }: Invocation, isFirst: boolean): Promise<void> {
  const event = shownEvent(stored, (reason) => output.note(reason));
  if (isFirst && !output.json) await output.text(lineOf(['TIME', 'ORDER', 'SEQ', 'TYPE', 'DATA'], WIDTHS));
  await output.result(event, () => line(event));
}

function line({ timestamp, aggregateId, sequenceNumber, eventType, eventData }: ShownEvent): string {
  return lineOf([timestamp, aggregateId, sequenceNumber, eventType, JSON.stringify(eventData)], WIDTHS);
}
