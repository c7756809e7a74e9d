export { brokerContract } from './broker-contract.js';
export type { BrokerHarness } from './broker-contract.js';
