import type { Row } from './projection.js';

/** A projection's state of one aggregate (none before its first event), and the rows it has in the table. */
export interface RenderedState<State> {
  readonly state: State | undefined;
  readonly rows: readonly Row[];
}

/**
 * The states of the aggregates seen last, by the text that they are stored as: while an aggregate is busy, its next event
 * needs no parsing and no rendering of what was rendered a moment ago. It holds at most `statesMax` of them and answers only
 * for the very text that was kept, so that it can never change what a run gives.
 */
export class RenderedStates<State> {
  private readonly kept = new Map<string, { readonly text: string; readonly rendered: RenderedState<State> }>();

  constructor(private readonly statesMax: number) {}

  take(aggregateId: string, text: string): RenderedState<State> | undefined {
    const found = this.kept.get(aggregateId);
    if (found === undefined) return undefined;
    this.kept.delete(aggregateId);
    return found.text === text ? found.rendered : undefined;
  }

  keep(aggregateId: string, text: string, rendered: RenderedState<State>): void {
    this.kept.set(aggregateId, { text, rendered });
    if (this.kept.size > this.statesMax) this.kept.delete(this.kept.keys().next().value!);
  }
}
