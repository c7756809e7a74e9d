import type { WorkerObserver } from '@chronicle/change-feed-core';
import type { Log } from '@chronicle/service-host';

/** Logs what a person may want to know of a worker: never an event's data, and nothing once per event. */
export function logWork(log: Log): WorkerObserver {
  return {
    holeHealed: (facts) => log.info(facts, 'events missing from the change log were read from the event store'),
    retried: (facts) => log.warn(facts, 'an event could not take effect and is tried again'),
    parked: (facts) => log.error(facts, 'an aggregate was parked; its later events wait'),
    unparked: (facts) => log.info(facts, 'a parked aggregate flows again'),
    skipped: (facts) => log.warn(facts, 'an event was skipped by a person'),
    bucketTaken({ bucket, epoch, from }) {
      if (from === null) log.debug({ bucket, epoch }, 'a free bucket was taken');
      else log.warn({ bucket, epoch, from }, 'the bucket of a dead instance was taken');
    },
    bucketHandedOver: (facts) => log.info(facts, 'a bucket was handed over'),
    bucketLost: (facts) => log.warn(facts, 'a bucket was lost'),
    outage: ({ part, error }) =>
      log.error({ part, err: error }, 'a part cannot be used; work is repeated until it can'),
    recovered: (facts) => log.info(facts, 'a part can be used again'),
  };
}

/** One observer that tells several. */
export function observers(...each: readonly WorkerObserver[]): WorkerObserver {
  const all: Record<string, (facts: never) => void> = {};
  for (const name of new Set(each.flatMap((one) => Object.keys(one)))) {
    const told = each.flatMap((one) => (one as Record<string, (facts: never) => void>)[name] ?? []);
    all[name] = (facts) => told.forEach((tell) => tell(facts));
  }
  return all;
}
