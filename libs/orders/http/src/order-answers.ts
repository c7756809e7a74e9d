import type { OrderEventView } from '@chronicle/orders-application';
import { orderStatuses, type OrderStatus, type OrderView } from '@chronicle/orders-domain';
import { AnswerField } from '@chronicle/service-host';
import { OrderItemBody } from './order-bodies.js';

// What the routes answer, for the OpenAPI document. Ids are in lower case, times RFC 3339 UTC with milliseconds.

const ID = { type: 'string', format: 'uuid' };
const TIME = { type: 'string', format: 'date-time' };
const TEXT = { type: 'string' };
const TEXT_OR_NULL = { type: ['string', 'null'] };
const COUNT = { type: 'integer', minimum: 1 };

export class CommandAnswer {
  @AnswerField(ID) orderId!: string;
  @AnswerField(COUNT) version!: number;
  @AnswerField(ID) commandId!: string;
}

export class OrderAnswer implements OrderView {
  @AnswerField(ID) orderId!: string;
  @AnswerField(ID) customerId!: string;
  @AnswerField({ type: 'string', enum: orderStatuses }) status!: OrderStatus;
  @AnswerField(TEXT) currency!: string;
  @AnswerField({ type: 'array', items: OrderItemBody }) items!: readonly OrderItemBody[];
  @AnswerField({ type: 'integer', minimum: 0 }) total!: number;
  @AnswerField(TEXT_OR_NULL) trackingNumber!: string | null;
  @AnswerField(TEXT_OR_NULL) carrier!: string | null;
  @AnswerField(TEXT_OR_NULL) signature!: string | null;
  @AnswerField(TEXT_OR_NULL) cancelReason!: string | null;
  @AnswerField(TIME) createdAt!: string;
  @AnswerField(TIME) updatedAt!: string;
  @AnswerField(COUNT) version!: number;
}

export class OrderListAnswer {
  @AnswerField({ type: 'array', items: OrderAnswer }) orders!: readonly OrderAnswer[];
  @AnswerField(TEXT_OR_NULL) nextCursor!: string | null;
}

class EventAnswer implements OrderEventView {
  @AnswerField(ID) eventId!: string;
  @AnswerField(ID) aggregateId!: string;
  @AnswerField(TEXT) aggregateType!: string;
  @AnswerField(COUNT) sequenceNumber!: number;
  @AnswerField(TEXT) eventType!: string;
  @AnswerField(COUNT) eventVersion!: number;
  @AnswerField({ type: 'object', properties: { orderId: ID, customerId: ID }, required: ['orderId', 'customerId'] })
  eventData!: OrderEventView['eventData'];
  @AnswerField(ID) causationId!: string;
  @AnswerField(ID) correlationId!: string;
  @AnswerField(TEXT_OR_NULL) userId!: string | null;
  @AnswerField(TIME) timestamp!: string;
  @AnswerField({ type: 'object', additionalProperties: TEXT }) metadata!: OrderEventView['metadata'];
  @AnswerField(TEXT) hash!: string;
}

export class OrderEventsAnswer {
  @AnswerField({ type: 'array', items: EventAnswer }) events!: readonly EventAnswer[];
  @AnswerField({ type: ['integer', 'null'], minimum: 1 }) nextFrom!: number | null;
}
