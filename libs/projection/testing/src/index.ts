export { projectionStoreContract } from './projection-store-contract.js';
export type { ProjectionStoreHarness } from './projection-store-contract.js';
export { readModelContract } from './read-model-contract.js';
export type { ReadModelHarness } from './read-model-contract.js';
