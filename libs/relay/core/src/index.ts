export { Broker, BrokerUnavailableError, MESSAGES_MAX, TopicReader } from './broker.js';
export type { Message, TopicRecord } from './broker.js';
export { SEQUENCE_DIGITS, toCloudEvent } from './cloud-event.js';
export type { CloudEventSettings } from './cloud-event.js';
export { relayHandler } from './relay-handler.js';
export type { Relay } from './relay-handler.js';
