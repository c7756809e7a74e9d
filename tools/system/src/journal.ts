/**
 * What a client knows of a command afterwards. `ok`: accepted. `refused`: certainly not carried out. `unknown`: it may have been,
 * and a repeat with the same key settles it.
 */
export type Outcome = 'ok' | 'refused' | 'unknown';

/** One command as its sender saw it. */
export interface JournalEntry {
  readonly command: string;
  /** Null when the client did not choose it and was not told. */
  readonly orderId: string | null;
  readonly idempotencyKey: string | null;
  readonly outcome: Outcome;
  /** Null when no answer came. */
  readonly status: number | null;
  /** The `code` of a problem, or that of the failed connection. */
  readonly code: string | null;
  /** The version that an accepted command led to. */
  readonly version: number | null;
  readonly commandId: string | null;
  readonly sentAt: string;
}

/** All that one client was told, in the order of the answers: what the invariants of a crash run are checked against. */
export class Journal {
  private readonly list: JournalEntry[] = [];

  record(entry: JournalEntry): void {
    this.list.push(entry);
  }

  get entries(): readonly JournalEntry[] {
    return this.list;
  }

  of(outcome: Outcome): readonly JournalEntry[] {
    return this.list.filter((entry) => entry.outcome === outcome);
  }
}
