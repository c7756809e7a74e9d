import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { EmbeddedEventStore } from '@chronicle/event-sourcing-embedded';
import { AppendFactory } from '@chronicle/event-sourcing-testing';
import { systemClock } from '@chronicle/seams';

/** A data directory of its own, with whatever was opened in it; everything is closed and removed at the end. */
export class Folder {
  readonly #closes: (() => Promise<void>)[] = [];
  readonly #make = new AppendFactory(systemClock);
  #events: EmbeddedEventStore | undefined;

  private constructor(readonly dataDir: string) {}

  static async make(): Promise<Folder> {
    return new Folder(await mkdtemp(join(tmpdir(), 'change-feed-')));
  }

  keep<T extends { close(): Promise<void> }>(opened: T): T {
    this.#closes.push(() => opened.close());
    return opened;
  }

  /** The event store of the folder, open for appends. */
  async events(): Promise<EmbeddedEventStore> {
    const { dataDir } = this;
    this.#events ??= this.keep(await EmbeddedEventStore.open({ dataDir, mode: 'write', clock: systemClock }));
    return this.#events;
  }

  /** Commits the next `count` events of an aggregate. */
  async append(aggregateId: string, count: number): Promise<void> {
    const events = await this.events();
    for (let left = count; left > 0; left -= 100) {
      const drafts = Array.from({ length: Math.min(left, 100) }, () => this.#make.draft());
      const outcome = await events.append(this.#make.append(aggregateId, { events: drafts }));
      if (outcome.outcome !== 'appended') throw new Error(`expected an append, found ${outcome.outcome}`);
    }
  }

  async remove(): Promise<void> {
    for (const close of this.#closes.reverse()) await close();
    await rm(this.dataDir, { recursive: true });
  }
}
