import { statement, type CqlPort, type CqlRow } from '@chronicle/cql';
import { StoreUnavailableError, type StoredEvent } from '@chronicle/event-sourcing-core';
import { failpoint } from '@chronicle/seams';
import { DELETED_AT, type Intent } from './intent-pages.js';
import { fence } from './settle-attempt.js';
import { loadStream } from './stream-state.js';

/** An intent as it stands in the table. */
export interface FoundIntent extends Intent {
  readonly instanceId: string;
  readonly page: number;
  readonly attemptId: string;
}

/** What the repair of an intent needs of the store. */
export interface RepairTools {
  readonly port: CqlPort;
  /** The events of a stream from one sequence number to another, both included. */
  readonly load: (aggregateId: string, from: number, to: number) => Promise<readonly StoredEvent[]>;
  /** True when they are in the change log. */
  readonly publish: (events: readonly StoredEvent[]) => Promise<boolean>;
}

/** Reads of one aggregate that moves while its fence is raised; then it is left to the next sweep. */
const FENCE_ATTEMPTS_MAX = 10;

export const readIntents = statement(
  'intents.read-all',
  'SELECT instance_id, page, attempt_id, aggregate_id, version, events FROM append_intents',
);
const deleteIntent = statement(
  'intents.delete',
  `DELETE FROM append_intents USING TIMESTAMP ${DELETED_AT} WHERE instance_id = ? AND page = ? AND attempt_id = ?`,
);

/**
 * Finishes or forbids what a dead writer was about to append, and deletes its intent: if the version has moved past the one it
 * expected, the events in question are published, perhaps another attempt's, which is harmless; if not, the fence is raised, so
 * that the commit of a writer that was only paused fails. Throws as {@link CqlPort} does, and `StoreUnavailableError` when it could
 * not publish: the intent stays, and another sweep tries again.
 */
export async function repairIntent(tools: RepairTools, intent: FoundIntent): Promise<'published' | 'fenced'> {
  const outcome = await finishOrForbid(tools, intent);
  await failpoint(outcome === 'published' ? 'repair-after-publish' : 'repair-after-fence');
  await tools.port.write(deleteIntent, [intent.instanceId, intent.page, intent.attemptId]);
  return outcome;
}

async function finishOrForbid(tools: RepairTools, intent: FoundIntent): Promise<'published' | 'fenced'> {
  const { aggregateId } = intent;
  for (let attempt = 1; attempt <= FENCE_ATTEMPTS_MAX; attempt += 1) {
    const { end, fence: raisedTo } = await loadStream(tools.port, aggregateId);
    await failpoint('repair-after-read');
    if (end.version > intent.version) {
      await publish(tools, intent, end.version);
      return 'published';
    }
    if (await fence(tools.port, aggregateId, end.version, raisedTo)) return 'fenced';
  }
  throw new StoreUnavailableError(
    `aggregate ${aggregateId} moves all the time: its intent is repaired by the next sweep`,
  );
}

async function publish(tools: RepairTools, intent: FoundIntent, version: number): Promise<void> {
  const last = Math.min(intent.version + intent.events, version);
  const events = await tools.load(intent.aggregateId, intent.version + 1, last);
  if (await tools.publish(events)) return;
  throw new StoreUnavailableError(`the change log does not take the events of aggregate ${intent.aggregateId}`);
}

export function foundIntent(row: CqlRow): FoundIntent {
  return {
    instanceId: row.instance_id as string,
    page: row.page as number,
    attemptId: row.attempt_id as string,
    aggregateId: row.aggregate_id as string,
    version: Number(row.version),
    events: row.events as number,
  };
}
