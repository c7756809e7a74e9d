export { changeFeedContract } from './change-feed-contract.js';
export type { ChangeFeedHarness } from './change-feed-contract.js';
export { consumerStoreContract } from './consumer-store-contract.js';
export type { ConsumerStoreHarness } from './consumer-store-contract.js';
export { groupCoordinationContract } from './group-coordination-contract.js';
export type { GroupCoordinationHarness } from './group-coordination-contract.js';
