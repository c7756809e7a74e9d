import { orderItemsMax, orderItemsViolations } from '@chronicle/orders-domain';
import { IntegerField, ListField, OneOfField, TextField, UuidField } from '@chronicle/service-host';
import { CURRENCY_CODES } from './iso-4217.js';

// What the bodies of commands look like: the shape only. What an order allows is decided in the domain.

export class OrderItemBody {
  @TextField(100) productId!: string;
  @IntegerField({ min: 1 }) quantity!: number;
  @IntegerField({ min: 0 }) unitPrice!: number;
}

const ITEMS = {
  min: 1,
  max: orderItemsMax,
  // Each item judges its own fields; what only the domain can tell is the total.
  violation: (items: readonly (OrderItemBody | null)[]) =>
    items.includes(null)
      ? undefined
      : orderItemsViolations(items as readonly OrderItemBody[]).find(({ field }) => field === 'items')?.message,
};

export class CreateOrderBody {
  @UuidField({ optional: true }) orderId!: string | null;
  @UuidField() customerId!: string;
  @OneOfField(CURRENCY_CODES, { called: 'a currency code of ISO 4217 in upper case, such as EUR' }) currency!: string;
  @ListField(OrderItemBody, ITEMS) items!: OrderItemBody[];
}

export class UpdateItemsBody {
  @ListField(OrderItemBody, ITEMS) items!: OrderItemBody[];
  @TextField(1000, { optional: true }) reason!: string | null;
}

export class ConfirmBody {}

export class ShipBody {
  @TextField(100) trackingNumber!: string;
  @TextField(100) carrier!: string;
}

export class DeliverBody {
  @TextField(1000, { optional: true }) signature!: string | null;
}

export class CancelBody {
  @TextField(1000, { optional: true }) reason!: string | null;
}
