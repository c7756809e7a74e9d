import type { ChangeFeed, ConsumerStore, GroupCoordination } from '@chronicle/change-feed-core';
import type { EventStore, SnapshotStore } from '@chronicle/event-sourcing-core';
import type { ProjectionDefinition, ReadModelReader, RowChange } from '@chronicle/projection-core';

/** A consumer group; that of a projection has one memory for each projection version. Every projection is one. */
export interface ConsumerGroup {
  readonly group: string;
  /** Default 1. */
  readonly version?: number;
}

/** What a process that appends has begun and not finished; an append that waits here was already acknowledged. */
export interface WritingStatus {
  /** Appends that are not yet both decided and in the change log; at `pendingAppendsMax` new ones are refused. */
  readonly pendingAppends: number;
  readonly pendingAppendsMax: number;
  /** Those of them whose outcome nobody has told yet. */
  readonly undecidedAppends: number;
  /** What was done for writers that died: their appends brought into the change log, and forbidden. */
  readonly repairs: { readonly published: number; readonly fenced: number; readonly failures: number };
}

interface Closable {
  close(): Promise<void>;
}

/**
 * One process' access to the data: hands out the adapters of the configured engine, and closes them. Every method throws
 * `StoreUnavailableError` when the data cannot be reached. What it handed out ends with {@link close}: nobody closes a port alone.
 */
export abstract class Engine {
  readonly #handedOut: Closable[] = [];

  /** The event store; `read` refuses appends. */
  abstract eventStore(mode: 'write' | 'read'): Promise<EventStore>;
  abstract snapshotStore(): Promise<SnapshotStore>;
  abstract changeFeed(): Promise<ChangeFeed>;
  /** How long an event stays in the change log, in ms; null: for ever. */
  abstract readonly changeLogRetentionMs: number | null;
  /** Instances, buckets and control of a consumer group. */
  abstract groupCoordination(group: ConsumerGroup): Promise<GroupCoordination>;
  /** The memory of a consumer group whose handler writes nothing but through its own port. */
  abstract consumerStore(group: ConsumerGroup): Promise<ConsumerStore>;
  /** Has a worker of this group ever run here? Asking makes nothing, where opening its ports may. */
  abstract hasRun(group: ConsumerGroup): Promise<boolean>;
  /**
   * The memory and the table of a projection, for the worker that fills it. Throws `DefinitionChangedError` when its table was
   * changed and its version was not.
   */
  abstract projectionStore(projection: ProjectionDefinition): Promise<ConsumerStore<RowChange>>;
  /** A read model for reading; its worker may start later. */
  abstract readModel(projection: ProjectionDefinition): Promise<ReadModelReader>;

  /** How the writing side of this process is; undefined where what is acknowledged is finished, and before it is opened. */
  get writing(): WritingStatus | undefined {
    return undefined;
  }

  /** Closes what was handed out, newest first, then what it rests on. One that fails does not keep the others open. */
  async close(): Promise<void> {
    const failures: unknown[] = [];
    const closable = this.#handedOut.splice(0).reverse();
    for (const port of [...closable, { close: () => this.end() }]) {
      await port.close().catch((error: unknown) => failures.push(error));
    }
    if (failures.length > 0) throw failures[0];
  }

  /** Frees what the ports rest on. */
  protected abstract end(): Promise<void>;

  /** Notes a port as handed out. */
  protected async keep<Port extends Closable>(opening: Promise<Port> | Port): Promise<Port> {
    const port = await opening;
    this.#handedOut.push(port);
    return port;
  }
}
