import { orderStatuses } from '@chronicle/orders-domain';
import { z } from 'zod';

// What the routes answer, for the OpenAPI document. Ids are in lower case, times RFC 3339 UTC with milliseconds.

const id = z.string().meta({ format: 'uuid' });
const time = z.string().meta({ format: 'date-time' });
const text = z.string().nullable();
const version = z.int().min(1);

export const CommandAnswer = z.strictObject({ orderId: id, version, commandId: id });

export const OrderAnswer = z.strictObject({
  orderId: id,
  customerId: id,
  status: z.enum(orderStatuses),
  currency: z.string(),
  items: z.array(z.strictObject({ productId: z.string(), quantity: z.int().min(1), unitPrice: z.int().min(0) })),
  total: z.int().min(0),
  trackingNumber: text,
  carrier: text,
  signature: text,
  cancelReason: text,
  createdAt: time,
  updatedAt: time,
  version,
});

export const OrderListAnswer = z.strictObject({ orders: z.array(OrderAnswer), nextCursor: text });

export const OrderEventsAnswer = z.strictObject({
  events: z.array(
    z.strictObject({
      eventId: id,
      aggregateId: id,
      aggregateType: z.string(),
      sequenceNumber: version,
      eventType: z.string(),
      eventVersion: z.int().min(1),
      eventData: z.looseObject({ orderId: id, customerId: id }),
      causationId: id,
      correlationId: id,
      userId: text,
      timestamp: time,
      metadata: z.record(z.string(), z.string()),
      hash: z.string(),
    }),
  ),
  nextFrom: z.int().min(1).nullable(),
});
