export { eventStoreContract } from './event-store-contract.js';
export { AppendFactory, collect, verifiedStream } from './event-store-fixture.js';
export type { CreateFixture, StoreFixture } from './event-store-fixture.js';
export { snapshotStoreContract } from './snapshot-store-contract.js';
