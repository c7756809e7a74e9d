import { randomUUID } from 'node:crypto';
import type { OrderItem } from '@chronicle/tool-system';
import { accepted } from './answers.js';
import { shared } from './system-under-test.js';

export type Status = 'CREATED' | 'CONFIRMED' | 'SHIPPED' | 'DELIVERED' | 'CANCELLED';
export const STATUSES: readonly Status[] = ['CREATED', 'CONFIRMED', 'SHIPPED', 'DELIVERED', 'CANCELLED'];

/** What query-service and the time travel tell of an order. */
export interface OrderView {
  readonly orderId: string;
  readonly customerId: string;
  readonly status: Status;
  readonly currency: string;
  readonly items: readonly OrderItem[];
  readonly total: number;
  readonly trackingNumber: string | null;
  readonly carrier: string | null;
  readonly signature: string | null;
  readonly cancelReason: string | null;
  readonly createdAt: string;
  readonly updatedAt: string;
  readonly version: number;
}

export const BOOK: OrderItem = { productId: 'book', quantity: 2, unitPrice: 1999 };

/** A valid body of a creation, with other fields where a test says so. */
export function creation(fields: Record<string, unknown> = {}): Record<string, unknown> {
  return { customerId: randomUUID(), currency: 'EUR', items: [BOOK], ...fields };
}

/** Places an order. */
export async function place(fields: Record<string, unknown> = {}) {
  const body = creation(fields);
  const answer = accepted(await shared().commands.post('/v1/orders', body), 201);
  return { ...answer, customerId: String(body['customerId']).toLowerCase() };
}

/** What each command takes when a test does not care. */
export const BODIES = {
  items: { items: [BOOK] },
  confirm: {},
  ship: { trackingNumber: 'T-1', carrier: 'DHL' },
  deliver: { signature: 'R. Receiver' },
  cancel: { reason: 'changed my mind' },
} as const;
export type Change = keyof typeof BODIES;
export const CHANGES = Object.keys(BODIES) as readonly Change[];

/** Sends a change of an order. */
export function change(
  command: Change,
  orderId: string,
  headers?: Record<string, string>,
  body: unknown = BODIES[command],
) {
  return shared().commands.send(command === 'items' ? 'PUT' : 'POST', `/v1/orders/${orderId}/${command}`, {
    headers,
    json: body,
  });
}

const WAY: Record<Status, readonly Change[]> = {
  CREATED: [],
  CONFIRMED: ['confirm'],
  SHIPPED: ['confirm', 'ship'],
  DELIVERED: ['confirm', 'ship', 'deliver'],
  CANCELLED: ['cancel'],
};

/** Places an order and brings it to a status. */
export async function placeAt(status: Status, fields: Record<string, unknown> = {}) {
  let order = await place(fields);
  for (const command of WAY[status]) order = { ...order, ...accepted(await change(command, order.orderId)) };
  return order;
}

/** Asks query-service for an order, as soon as it shows `version`. */
export function readOrder(orderId: string, version = 1, headers?: Record<string, string>) {
  return shared().queries.get(`/v1/orders/${orderId}?minVersion=${version}&waitMs=10000`, headers);
}
