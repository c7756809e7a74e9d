import { systemClock } from '@chronicle/seams';
import { HttpClient, NoAnswerError, WORKERS } from '@chronicle/tool-system';
import type { System } from '@chronicle/tool-system';

/** A system that nobody sends anything to has caught up within this time. */
export const QUIET_MS_MAX = 60_000;
const ASK_EVERY_MS = 100;

/** GET /admin/status of a worker, as far as a crash run goes by it. */
export interface GroupStatus {
  readonly group: string;
  readonly buckets: readonly number[];
  readonly lag: { readonly events: number };
  readonly parked: number;
}

/** What a worker says of its consumer group; undefined when it gives no answer. */
export async function statusOf(system: System, app: string): Promise<GroupStatus | undefined> {
  const http = new HttpClient(system.url(app), 5000);
  try {
    const { status, text } = await http.get('/admin/status');
    return status === 200 ? (JSON.parse(text) as GroupStatus) : undefined;
  } catch (error) {
    if (!(error instanceof NoAnswerError)) throw error;
    return undefined;
  } finally {
    http.close();
  }
}

/** How a system that is left alone came to rest. */
export interface Rest {
  /** Until every group had handled every event; null when one had not within {@link QUIET_MS_MAX}. */
  readonly afterMs: number | null;
  /** What stood in the way, or is not as it should be at rest. */
  readonly complaints: readonly string[];
}

/** Waits until every consumer group has handled everything; nothing is parked then. */
export async function comeToRest(system: System): Promise<Rest> {
  const began = systemClock.monotonic();
  for (;;) {
    const statuses = await Promise.all(WORKERS.map(async (app) => ({ app, status: await statusOf(system, app) })));
    const late = statuses.filter(({ status }) => status?.lag.events !== 0);
    const afterMs = Math.round(systemClock.monotonic() - began);
    if (late.length === 0) return { afterMs, complaints: statuses.flatMap(({ status }) => parked(status!)) };
    if (afterMs > QUIET_MS_MAX) {
      const complaints = late.map(
        ({ app, status }) => `${app}: ${status ? `lag ${status.lag.events} events` : 'no answer'}`,
      );
      return { afterMs: null, complaints };
    }
    await systemClock.sleep(ASK_EVERY_MS);
  }
}

function parked({ group, parked }: GroupStatus): readonly string[] {
  return parked === 0 ? [] : [`${group} has parked ${parked} orders`];
}
