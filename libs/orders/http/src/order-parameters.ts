import { EVENTS_PAGE_MAX, LIST_ORDERS_MAX, READ_WAIT_MS_MAX } from '@chronicle/orders-application';
import { orderStatuses, type OrderStatus } from '@chronicle/orders-domain';
import { Field, OneOfField, QueryIntegerField } from '@chronicle/service-host';
import { ValidateBy } from 'class-validator';
import { timeParameter } from './time-parameter.js';

// The query parameters of the routes that read.

const PAGE_DEFAULT = 50;

/** A date and time of RFC 3339, which may be left out; comes out in UTC with milliseconds. */
function TimeField() {
  return Field<string | null>({
    schema: { type: 'string', format: 'date-time' },
    absent: null,
    read: (sent) => (typeof sent === 'string' ? (timeParameter(sent) ?? sent) : sent),
    violation(value) {
      if (typeof value !== 'string') return 'must be one date and time of RFC 3339';
      return timeParameter(value) === value ? undefined : 'must be a date and time of RFC 3339 with Z or an offset';
    },
  });
}

/** A cursor, which may be left out. Opaque here: who can tell a good one from a bad one is the list. */
function CursorField() {
  return Field<string | null>({
    schema: { type: 'string' },
    absent: null,
    violation: (value) => (typeof value === 'string' ? undefined : 'must be one cursor'),
  });
}

/** May not come together with the parameter `other`. */
function NotWith(other: string) {
  return ValidateBy({
    name: 'notWith',
    validator: {
      validate: (_value, seen) => (seen?.object as Record<string, unknown>)[other] === null,
      defaultMessage: () => `must not come with ${other}`,
    },
  });
}

export class StateParameters {
  @QueryIntegerField({ min: 1, default: null }) version!: number | null;
  @NotWith('version') @TimeField() asOf!: string | null;
}

export class EventsParameters {
  @QueryIntegerField({ min: 1, default: 1 }) from!: number;
  @QueryIntegerField({ min: 1, max: EVENTS_PAGE_MAX, default: PAGE_DEFAULT }) limit!: number;
}

export class OrderParameters {
  @QueryIntegerField({ min: 0, default: 0 }) minVersion!: number;
  @QueryIntegerField({ min: 0, max: READ_WAIT_MS_MAX, default: 2000 }) waitMs!: number;
}

export class CustomerOrdersParameters {
  @QueryIntegerField({ min: 1, max: LIST_ORDERS_MAX, default: PAGE_DEFAULT }) limit!: number;
  @CursorField() cursor!: string | null;
}

export class OrdersByStatusParameters extends CustomerOrdersParameters {
  @OneOfField(orderStatuses) status!: OrderStatus;
}
