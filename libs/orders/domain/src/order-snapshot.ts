import { orderStatuses, type OrderState } from './order-state.js';

/** The schema version of `OrderState` in snapshots: raise it when the fields of the state, or what they mean, change. Snapshots of
 *  another version are ignored and the order is read from its events. */
export const orderSnapshotVersion = 1;

/** Whether a parsed snapshot has the fields of today's state. A cheap check of types, not of the order's history. */
export function isOrderState(value: unknown): value is OrderState {
  return isObject(value) && Object.entries(fieldChecks).every(([field, check]) => check(value[field]));
}

const isText = (value: unknown): boolean => typeof value === 'string';
const isTextOrNull = (value: unknown): boolean => value === null || typeof value === 'string';

const fieldChecks: { readonly [Field in keyof OrderState]: (value: unknown) => boolean } = {
  orderId: isText,
  customerId: isText,
  status: (value) => orderStatuses.some((status) => status === value),
  currency: isText,
  items: (value) => Array.isArray(value) && value.every(isItem),
  trackingNumber: isTextOrNull,
  carrier: isTextOrNull,
  signature: isTextOrNull,
  cancelReason: isTextOrNull,
  createdAt: isText,
  updatedAt: isText,
  version: (value) => Number.isSafeInteger(value) && Number(value) >= 1,
};

function isItem(value: unknown): boolean {
  return (
    isObject(value) &&
    isText(value.productId) &&
    Number.isSafeInteger(value.quantity) &&
    Number.isSafeInteger(value.unitPrice)
  );
}

function isObject(value: unknown): value is { readonly [field: string]: unknown } {
  return typeof value === 'object' && value !== null;
}
