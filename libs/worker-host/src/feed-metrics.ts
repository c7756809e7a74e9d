import { Counter, Gauge, type Registry } from 'prom-client';

/** What the change feed of a cluster tells of itself while it is read. An engine whose feed has nothing to tell never calls it. */
export interface FeedObserver {
  pageRetried(): void;
  lateGroupsFound(found: { readonly groups: number }): void;
  catchUpBegan(): void;
  changeIgnored(): void;
  metadataFailed(): void;
  clocksMeasured(clocks: { readonly skewMs: number }): void;
}

/** Counts what a feed tells. */
export function countFeed(registry: Registry): FeedObserver {
  const counter = (name: string, help: string) => new Counter({ name, help, registers: [registry] });
  const retries = counter('feed_retries_total', 'Pages of the change log that were asked for again');
  const late = counter('feed_late_finds_total', 'Writes found only by looking back, later than they should be');
  const catchUps = counter(
    'feed_catch_ups_total',
    'Buckets read from the event store, as the log had lost their place',
  );
  const ignored = counter('feed_changes_ignored_total', 'Changes of the outbox that are no insert of an event');
  const failures = counter('feed_metadata_failures_total', 'Times that log generations or node clocks were not read');
  const skew = new Gauge({
    name: 'feed_clock_skew_seconds',
    help: 'How far the clocks of the database nodes are apart, at most',
    registers: [registry],
  });
  return {
    pageRetried: () => retries.inc(),
    lateGroupsFound: ({ groups }) => late.inc(groups),
    catchUpBegan: () => catchUps.inc(),
    changeIgnored: () => ignored.inc(),
    metadataFailed: () => failures.inc(),
    clocksMeasured: ({ skewMs }) => skew.set(skewMs / 1000),
  };
}
