import { InMemoryChangeFeed, InMemoryConsumerStore, InMemoryGroupCoordination } from '@chronicle/change-feed-core';
import type { StoredEvent } from '@chronicle/event-sourcing-core';
import { systemClock, timestampText } from '@chronicle/seams';
import { changeFeedContract } from './change-feed-contract.js';
import { consumerStoreContract } from './consumer-store-contract.js';
import { groupCoordinationContract } from './group-coordination-contract.js';

// The suites must hold for the references, or they ask for something else than the ports promise.

changeFeedContract('memory', async () => {
  const feed = new InMemoryChangeFeed(systemClock);
  const versions = new Map<string, number>();
  const append = async (aggregateId: string, count: number) => {
    for (let left = count; left > 0; left -= 1) {
      const sequence = (versions.get(aggregateId) ?? 0) + 1;
      versions.set(aggregateId, sequence);
      feed.publish(eventOf(aggregateId, sequence));
    }
  };
  return { feed, append, close: () => feed.close() };
});

consumerStoreContract('memory', async () => {
  const coordination = new InMemoryGroupCoordination();
  const applied: string[] = [];
  const store = new InMemoryConsumerStore<string>(coordination, (aggregateId, effects) =>
    applied.push(...effects.map((effect) => `${aggregateId} ${effect}`)),
  );
  return {
    store,
    take: async (bucket) => {
      await coordination.take((await coordination.buckets())[bucket]!, 'owner');
      return coordination.epochOf(bucket);
    },
    applied: async () => applied,
    again: async () => store,
    close: () => store.close(),
  };
});

groupCoordinationContract('memory', async () => {
  const coordination = new InMemoryGroupCoordination();
  return { bucketCount: 32, open: async () => coordination, close: () => coordination.close() };
});

function eventOf(aggregateId: string, sequenceNumber: number): StoredEvent {
  return {
    eventId: `${aggregateId}-${sequenceNumber}`,
    aggregateId,
    aggregateType: 'Thing',
    sequenceNumber,
    eventType: 'ThingDone',
    eventVersion: 1,
    eventData: '{}',
    causationId: 'cause',
    correlationId: 'flow',
    userId: null,
    timestamp: timestampText(Date.UTC(2026, 0, 1) + sequenceNumber),
    metadata: {},
    hash: '',
  };
}
