import { json } from './answers.js';
import { shared } from './system-under-test.js';

/** GET /admin/status of a worker. */
export interface AdminStatus {
  readonly group: string;
  readonly paused: boolean;
  readonly buckets: readonly number[];
  readonly lag: { readonly events: number; readonly ms: number };
  readonly parked: number;
  readonly checkpoint: unknown;
}

/** What a worker of the shared system says of its consumer group. */
export async function statusOf(app: string): Promise<AdminStatus> {
  return json<AdminStatus & Record<string, unknown>>(await shared().client(app).get('/admin/status'));
}
