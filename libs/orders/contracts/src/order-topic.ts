import { orderEventSchemaId } from './event-contract.js';

/** The topic on which the events of orders reach other systems, and how its messages name their source and schema. */
export const orderTopic = {
  topic: 'orders.events',
  source: '/orders',
  dataSchema: (event: { readonly eventType: string; readonly eventVersion: number }) =>
    orderEventSchemaId(event.eventType, event.eventVersion),
} as const;
