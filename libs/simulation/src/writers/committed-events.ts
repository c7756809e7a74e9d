import type { BoundStatement } from '@chronicle/cql';
import type { Mutation } from '../database/memory-table.js';

/** A row of the change log: by which clock time it was stamped, and when it could be read, both in ms since 1970. */
interface LogRow {
  readonly stampedAt: number;
  readonly readableAt: number;
}

/** What has been committed and what has come into the change log, as it happens in the cluster. */
export class CommittedEvents {
  readonly #events = new Map<string, string[]>();
  readonly #log = new Map<string, LogRow[]>();
  readonly #findings: string[] = [];

  /** `now` is the true time. */
  note(writes: readonly BoundStatement[], mutations: readonly Mutation[], now: number): void {
    for (const { statement, values } of writes) {
      if (statement.name === 'event-store.insert-event')
        this.#commit(values[0] as string, values[1], values[2] as string);
    }
    for (const mutation of mutations) {
      if (mutation.kind === 'put' && mutation.cells.event_id !== undefined && isOfLog(writes[0])) {
        this.#publish(mutation.cells.event_id as string, mutation.stamp.timestamp / 1_000, now);
      }
    }
  }

  /** The ids of an aggregate's events, in their order. */
  idsOf(aggregateId: string): readonly string[] {
    return this.#events.get(aggregateId) ?? [];
  }

  versionOf(aggregateId: string): number {
    return this.idsOf(aggregateId).length;
  }

  get aggregates(): readonly string[] {
    return [...this.#events.keys()];
  }

  get allPublished(): boolean {
    return this.#unpublished().length === 0;
  }

  /** What is wrong with the log. A row counts when it could be read `readableWithinMs` after its stamp: later, readers may have passed. */
  findings(readableWithinMs: number): string[] {
    const late = [...this.#events.values()].flat().filter((id) => {
      const rows = this.#log.get(id);
      return rows && !rows.some(({ stampedAt, readableAt }) => readableAt - stampedAt <= readableWithinMs);
    });
    return [
      ...this.#findings,
      ...this.#unpublished().map((id) => `event ${id} is stored, not published, and nobody was led to it`),
      ...late.map((id) => `event ${id} is in the log only where readers may have passed already`),
    ];
  }

  #commit(aggregateId: string, sequence: unknown, eventId: string): void {
    const events = this.#events.get(aggregateId) ?? [];
    this.#events.set(aggregateId, events);
    if (Number(sequence) !== events.length + 1) {
      this.#findings.push(`event ${eventId} was stored as ${String(sequence)} after ${events.length}`);
    }
    events.push(eventId);
  }

  #publish(eventId: string, stampedAt: number, readableAt: number): void {
    const isCommitted = [...this.#events.values()].some((ids) => ids.includes(eventId));
    if (!isCommitted) this.#findings.push(`event ${eventId} was published before it was committed`);
    this.#log.set(eventId, [...(this.#log.get(eventId) ?? []), { stampedAt, readableAt }]);
  }

  #unpublished(): string[] {
    return [...this.#events.values()].flat().filter((id) => !this.#log.has(id));
  }
}

function isOfLog(write: BoundStatement | undefined): boolean {
  return write?.statement.name === 'cassandra-log.insert' || write?.statement.name === 'outbox.insert';
}
