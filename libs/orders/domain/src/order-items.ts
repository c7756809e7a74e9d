import type { OrderItem } from '@chronicle/orders-contracts';

/** The most items an order may have; the fewest is 1. */
export const orderItemsMax = 200;

/** What is wrong with one field: `field` is a path like `items.0.quantity`, `message` says what it must be. */
export interface ItemsViolation {
  readonly field: string;
  readonly message: string;
}

/** Every way in which `items` break the rules of an order, in the order of the items; empty when they keep them. The rules: 1 to
 *  `orderItemsMax` items; each quantity a positive, each price a non-negative integer; each of them, and the total, at most
 *  2^53 − 1. At most two violations an item. */
export function orderItemsViolations(items: readonly OrderItem[]): readonly ItemsViolation[] {
  if (items.length < 1 || items.length > orderItemsMax) {
    return [{ field: 'items', message: `must have 1 to ${orderItemsMax} items` }];
  }
  const violations = items.flatMap(itemViolations);
  if (violations.length === 0 && !Number.isSafeInteger(orderTotal(items))) {
    violations.push({ field: 'items', message: `must add up to a total of at most ${Number.MAX_SAFE_INTEGER}` });
  }
  return violations;
}

/** The sum of quantity × unitPrice, in minor units of the order's currency. Exact for items without violations: a product or sum
 *  beyond 2^53 − 1 may be rounded, but never back into the safe integers. */
export function orderTotal(items: readonly OrderItem[]): number {
  return items.reduce((total, { quantity, unitPrice }) => total + quantity * unitPrice, 0);
}

/** The same items with the fields of an item only, in one order of fields, whatever else the given objects carry. */
export function copyItems(items: readonly OrderItem[]): readonly OrderItem[] {
  return items.map(({ productId, quantity, unitPrice }) => ({ productId, quantity, unitPrice }));
}

function itemViolations(item: OrderItem, index: number): ItemsViolation[] {
  const violations: ItemsViolation[] = [];
  if (!Number.isSafeInteger(item.quantity) || item.quantity < 1) {
    violations.push({
      field: `items.${index}.quantity`,
      message: `must be an integer from 1 to ${Number.MAX_SAFE_INTEGER}`,
    });
  }
  if (!Number.isSafeInteger(item.unitPrice) || item.unitPrice < 0) {
    violations.push({
      field: `items.${index}.unitPrice`,
      message: `must be an integer from 0 to ${Number.MAX_SAFE_INTEGER}`,
    });
  }
  return violations;
}
