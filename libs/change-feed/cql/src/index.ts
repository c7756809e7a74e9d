export { CqlGroupCoordination } from './cql-group-coordination.js';
export type { CqlGroupCoordinationOptions } from './cql-group-coordination.js';
export type { CqlGroup } from './group-name.js';
