import { json } from './answers.js';
import { shared } from './system-under-test.js';

/** An event as the audit trail shows it. */
export interface AuditedEvent {
  readonly eventId: string;
  readonly aggregateId: string;
  readonly aggregateType: string;
  readonly sequenceNumber: number;
  readonly eventType: string;
  readonly eventVersion: number;
  readonly eventData: Record<string, unknown>;
  readonly causationId: string;
  readonly correlationId: string;
  readonly userId: string | null;
  readonly timestamp: string;
  readonly metadata: Record<string, string>;
  readonly hash: string;
}
export interface AuditPage {
  readonly events: readonly AuditedEvent[];
  readonly nextFrom: number | null;
}

/** One page of the audit trail of an order of the shared system. */
export async function auditPage(orderId: string, query = ''): Promise<AuditPage> {
  return json<AuditPage & Record<string, unknown>>(await shared().commands.get(`/v1/orders/${orderId}/events${query}`));
}
