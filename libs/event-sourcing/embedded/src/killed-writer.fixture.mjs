/** Appends for ever, 8 at a time, and says of each that was acknowledged; for killed-writer.spec.ts, which ends it. */
import { EmbeddedEventStore } from '@chronicle/event-sourcing-embedded';
import { systemClock, systemEntropy, timestampText, uuidV7 } from '@chronicle/seams';

const store = await EmbeddedEventStore.open({ dataDir: process.argv[2], mode: 'write', clock: systemClock });
const id = () => uuidV7(systemClock, systemEntropy);

function draft() {
  const [eventId, causationId, correlationId] = [id(), id(), id()];
  const event = { eventType: 'ThingDone', eventVersion: 1, eventData: '{}', userId: null, metadata: {} };
  return { eventId, causationId, correlationId, ...event };
}

async function appendForEver() {
  for (let aggregateId = id(); ;) {
    const events = [draft(), draft()];
    const command = { key: id(), bodyHash: '' };
    const now = timestampText(systemClock.now());
    const append = { aggregateId, aggregateType: 'Thing', expected: 'any', events, now, command };
    const { lastSequence } = await store.append(append);
    process.stdout.write(`${aggregateId} ${lastSequence}\n`);
    if (lastSequence >= 20) aggregateId = id();
  }
}
await Promise.all(Array.from({ length: 8 }, appendForEver));
