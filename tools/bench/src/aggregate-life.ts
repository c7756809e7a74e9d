import type { Append } from '@chronicle/event-sourcing-core';
import type { CqlEventStore } from '@chronicle/event-sourcing-cql';
import { systemClock, systemEntropy, timestampText, uuidV7 } from '@chronicle/seams';

/** Appends to one aggregate, of one event each: its creation and the changes of its life. */
export const LIFE_APPENDS = 5;
export const EVENT_BYTES = 600;

const EVENT_DATA = JSON.stringify({ text: 'x'.repeat(EVENT_BYTES - '{"text":""}'.length) });
/** Hex of a SHA-256, as keys and bodies of commands are known by. */
const HASH = '0123456789abcdef'.repeat(4);

const newId = () => uuidV7(systemClock, systemEntropy);

/** Makes an aggregate and appends its life, each append once the one before was answered. Answers its id. */
export async function liveThrough(store: CqlEventStore): Promise<string> {
  const aggregateId = newId();
  for (let version = 0; version < LIFE_APPENDS; version += 1) {
    const { outcome } = await store.append(appendOf(aggregateId, version));
    if (outcome !== 'appended') throw new Error(`aggregate ${aggregateId}: expected appended, found ${outcome}`);
  }
  return aggregateId;
}

/** Resolves when everything that was appended is in the change log. */
export async function whenPublished(store: CqlEventStore): Promise<void> {
  while (store.writing!.pendingAppends > 0) await systemClock.sleep(1);
}

function appendOf(aggregateId: string, version: number): Append {
  const commandId = newId();
  return {
    aggregateId,
    aggregateType: 'Thing',
    expected: version === 0 ? 'none' : version,
    events: [
      {
        eventId: newId(),
        eventType: 'ThingChanged',
        eventVersion: 1,
        eventData: EVENT_DATA,
        causationId: commandId,
        correlationId: newId(),
        userId: null,
        metadata: { commandId },
      },
    ],
    now: timestampText(systemClock.now()),
    command: { key: `${HASH.slice(commandId.length)}${commandId}`, bodyHash: HASH },
  };
}
