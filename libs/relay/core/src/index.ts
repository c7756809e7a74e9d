export { Broker, BrokerUnavailableError, MESSAGES_MAX, TopicReader } from './broker.js';
export type { Message, TopicRecord } from './broker.js';
