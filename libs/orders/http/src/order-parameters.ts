import { EVENTS_PAGE_MAX, LIST_ORDERS_MAX, READ_WAIT_MS_MAX } from '@chronicle/orders-application';
import { orderStatuses } from '@chronicle/orders-domain';
import { fields } from '@chronicle/service-host';
import { z } from 'zod';
import { timeParameter } from './time-parameter.js';

// The query parameters of the routes that read.

const PAGE_DEFAULT = 50;

const time = z
  .string({ error: 'must be one date and time of RFC 3339' })
  .transform((text, context) => {
    const utc = timeParameter(text);
    if (utc === undefined) context.addIssue('must be a date and time of RFC 3339 with Z or an offset');
    return utc ?? z.NEVER;
  })
  .meta({ type: 'string', format: 'date-time' });

/** Opaque here: who can tell a good cursor from a bad one is the list. */
const cursor = z
  .string({ error: 'must be one cursor' })
  .optional()
  .transform((text) => text ?? null);

export const StateParameters = fields
  .object({ version: fields.queryInteger({ min: 1, default: null }), asOf: time.optional() })
  .refine(({ version, asOf }) => version === null || asOf === undefined, {
    path: ['asOf'],
    message: 'must not come with version',
  });

export const EventsParameters = fields.object({
  from: fields.queryInteger({ min: 1, default: 1 }),
  limit: fields.queryInteger({ min: 1, max: EVENTS_PAGE_MAX, default: PAGE_DEFAULT }),
});

export const OrderParameters = fields.object({
  minVersion: fields.queryInteger({ min: 0, default: 0 }),
  waitMs: fields.queryInteger({ min: 0, max: READ_WAIT_MS_MAX, default: 2000 }),
});

const limit = fields.queryInteger({ min: 1, max: LIST_ORDERS_MAX, default: PAGE_DEFAULT });

export const CustomerOrdersParameters = fields.object({ limit, cursor });

export const OrdersByStatusParameters = fields.object({ status: fields.oneOf(orderStatuses), limit, cursor });
