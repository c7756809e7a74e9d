import type { ConsumerWorker, GroupStatus, WorkerObserver } from '@chronicle/change-feed-core';
import type { Clock } from '@chronicle/seams';
import { Counter, Gauge, Histogram, type Registry } from 'prom-client';
import { seldom } from './seldom.js';

/** Upper bounds of the batch durations, in seconds. */
const DURATION_BUCKETS_S = [0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 1, 5];

/** Counts what a worker does. */
export function countWork(registry: Registry): WorkerObserver {
  const counter = <L extends string = never>(name: string, help: string, labelNames: readonly L[] = []) =>
    new Counter<L>({ name, help, labelNames: [...labelNames], registers: [registry] });
  const events = counter('consumer_events_handled_total', 'Events that took effect');
  const repeats = counter('consumer_repeats_dropped_total', 'Events that came again and were dropped');
  const healed = counter('holes_healed_total', 'Events that the change log was missing and the event store had');
  const retries = counter('consumer_retries_total', 'Attempts at an event that failed and are repeated');
  const parked = counter('consumer_parks_total', 'Times an aggregate was parked');
  const skipped = counter('consumer_skips_total', 'Events skipped by a person');
  const taken = counter('consumer_buckets_taken_total', 'Buckets taken, from the dead or free', ['from']);
  const handedOver = counter('consumer_handovers_total', 'Buckets handed over to another instance');
  const lost = counter('consumer_buckets_lost_total', 'Buckets lost without a handover', ['why']);
  const outages = counter('consumer_outages_total', 'Times a part could not be used', ['part']);
  const durations = new Histogram({
    name: 'consumer_batch_duration_seconds',
    help: 'Time from handing a batch to the handler to its commit, in seconds',
    buckets: DURATION_BUCKETS_S,
    registers: [registry],
  });
  return {
    batch(facts) {
      events.inc(facts.events);
      durations.observe(facts.durationMs / 1000);
    },
    repeatsDropped: (count) => repeats.inc(count),
    holeHealed: (facts) => healed.inc(facts.events),
    retried: () => retries.inc(),
    parked: () => parked.inc(),
    skipped: () => skipped.inc(),
    bucketTaken: ({ from }) => taken.inc({ from: from === null ? 'nobody' : 'dead' }),
    bucketHandedOver: () => handedOver.inc(),
    bucketLost: ({ why }) => lost.inc({ why }),
    outage: ({ part }) => outages.inc({ part }),
  };
}

/** Measures where a worker and its group stand, whenever metrics are read. */
export function measureWorker<Effect>(registry: Registry, worker: ConsumerWorker<Effect>, clock: Clock): void {
  const gauge = (name: string, help: string, measure: () => number) =>
    new Gauge({
      name,
      help,
      registers: [registry],
      collect() {
        this.set(measure());
      },
    });
  gauge('holes_open', 'Aggregates with a missing event', () => worker.openHoles().count);
  gauge('holes_open_age_seconds', 'Age of the oldest missing event', () => worker.openHoles().oldestMs / 1000);
  gauge('consumer_buckets_owned', 'Buckets that this process owns', () => worker.bucketsHeld());
  measureGroup(registry, () => worker.status(), clock);
}

/** The gauges of the group have no value while its store cannot be read. */
function measureGroup(registry: Registry, read: () => Promise<GroupStatus>, clock: Clock): void {
  const status = seldom(read, clock);
  const gauge = (name: string, help: string, measure: (status: GroupStatus) => number) =>
    new Gauge({
      name,
      help,
      registers: [registry],
      async collect() {
        const seen = await status().catch(() => null);
        if (seen === null) this.remove();
        else this.set(measure(seen));
      },
    });
  gauge(
    'consumer_lag_events',
    'Committed events that the group has not handled; exact up to 10,000',
    (seen) => seen.lag.events,
  );
  gauge('consumer_lag_seconds', 'Age of the oldest event that the group has not handled', (seen) => seen.lag.ms / 1000);
  gauge('consumer_parked_aggregates', 'Parked aggregates of the group', (seen) => seen.parked);
  gauge('consumer_paused', '1 while the group is paused', (seen) => (seen.paused ? 1 : 0));
}
