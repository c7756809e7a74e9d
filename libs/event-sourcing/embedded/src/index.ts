export { BUCKET_COUNT, bucketOf } from './buckets.js';
export { EmbeddedEventStore } from './embedded-event-store.js';
export type { EmbeddedEventStoreOptions } from './embedded-event-store.js';
export { EmbeddedSnapshotStore } from './embedded-snapshot-store.js';
export {
  EVENT_COLUMNS,
  eventRowBytes,
  eventValuesBytes,
  storedEventFromRow,
  storedEventFromValues,
} from './event-row.js';
export type { EventRow, EventValues } from './event-row.js';
export { openEventsFile } from './events-file.js';
