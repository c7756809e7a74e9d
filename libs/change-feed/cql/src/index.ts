export { CqlGroupCoordination } from './cql-group-coordination.js';
export type { CqlGroupCoordinationOptions } from './cql-group-coordination.js';
export type { CqlGroup } from './group-name.js';
export { CqlConsumerStore } from './cql-consumer-store.js';
export type { CqlConsumerStoreOptions, EffectWriter } from './cql-consumer-store.js';
export { sequenceStamp } from './write-stamp.js';
