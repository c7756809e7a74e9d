import { orderItemsMax, orderItemsViolations } from '@chronicle/orders-domain';
import { fields } from '@chronicle/service-host';
import { z } from 'zod';
import { CURRENCY_CODES } from './iso-4217.js';

// What the bodies of commands look like: the shape only. What an order allows is decided in the domain.

const item = fields.object({
  productId: fields.text(100),
  quantity: fields.integer({ min: 1 }),
  unitPrice: fields.integer({ min: 0 }),
});

const items = fields.list(item, { min: 1, max: orderItemsMax }).check((context) => {
  if (context.issues.length > 0) return;
  for (const { field, message } of orderItemsViolations(context.value)) {
    context.issues.push({ code: 'custom', message, path: field.split('.').slice(1), input: context.value });
  }
});

const currency = z.enum(CURRENCY_CODES, {
  error: ({ input }) =>
    input === undefined ? 'is required' : 'must be a currency code of ISO 4217 in upper case, such as EUR',
});

export const CreateOrderBody = fields.object({
  orderId: fields.optional(fields.uuid()),
  customerId: fields.uuid(),
  currency,
  items,
});

export const UpdateItemsBody = fields.object({ items, reason: fields.optional(fields.text(1000)) });

export const ConfirmBody = fields.object({});

export const ShipBody = fields.object({ trackingNumber: fields.text(100), carrier: fields.text(100) });

export const DeliverBody = fields.object({ signature: fields.optional(fields.text(1000)) });

export const CancelBody = fields.object({ reason: fields.optional(fields.text(1000)) });
