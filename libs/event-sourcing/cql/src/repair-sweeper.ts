import type { Clock } from '@chronicle/seams';
import { foundIntent, readIntents, repairIntent, type FoundIntent, type RepairTools } from './repair-intent.js';
import { bury, readBeatOf, seenWriters, type SeenWriter } from './writer-instance.js';

export interface RepairSettings {
  /** Between two looks at the heartbeats (default 1000). */
  readonly repairWatchMs: number;
  readonly instanceTimeoutMs: number;
  /** Between two sweeps that look for intents of instances nobody knows, when none has died (default 60,000). */
  readonly orphanSweepMs: number;
}

/** Intents repaired at once. */
const REPAIRS_AT_ONCE = 16;

/** What a sweeper has done so far, for metrics. */
export interface RepairCounts {
  readonly published: number;
  readonly fenced: number;
  readonly failures: number;
}

interface Watched {
  readonly beat: bigint;
  /** Monotonic, when the beat was first seen. */
  readonly since: number;
}

/**
 * Looks after the intents of writers that have died: every command-service does, and a race of two only repeats. A writer is
 * taken for dead when its heartbeat stands still, while this one's own reads succeed, for `instanceTimeoutMs`; a verdict that is
 * wrong costs the writer its attempts and loses nothing. Intents of an instance that is not known at all are nobody's either.
 */
export class RepairSweeper {
  readonly #tools: RepairTools;
  readonly #clock: Clock;
  readonly #settings: RepairSettings;
  readonly #onFailure: (error: unknown) => void;
  readonly #watched = new Map<string, Watched>();
  readonly #stopped = new AbortController();
  #running: Promise<void> = Promise.resolve();
  #lastLookAt = -Infinity;
  #lastSweepAt = -Infinity;
  #counts: RepairCounts = { published: 0, fenced: 0, failures: 0 };

  /** `onFailure` is told of what went wrong; it is tried again by itself. */
  constructor(tools: RepairTools, clock: Clock, settings: RepairSettings, onFailure: (error: unknown) => void) {
    this.#tools = tools;
    this.#clock = clock;
    this.#settings = settings;
    this.#onFailure = onFailure;
  }

  get counts(): RepairCounts {
    return this.#counts;
  }

  start(): void {
    this.#running = this.#run();
  }

  /** Resolves when the sweep under way has ended. */
  async stop(): Promise<void> {
    this.#stopped.abort();
    await this.#running;
  }

  async #run(): Promise<void> {
    const { signal } = this.#stopped;
    while (!signal.aborted) {
      await this.#look().catch((error: unknown) => {
        this.#watched.clear(); // an outage of the database must not look like everybody's death
        this.#failed(error);
      });
      await this.#clock.sleep(this.#settings.repairWatchMs, signal);
    }
  }

  async #look(): Promise<void> {
    const dead = this.#deadAmong(await seenWriters(this.#tools.port));
    const orphansDue = this.#clock.monotonic() - this.#lastSweepAt >= this.#settings.orphanSweepMs;
    if (dead.length === 0 && !orphansDue) return;
    const startedAt = this.#clock.monotonic();
    const whole = await this.#sweep(new Set(dead.map(({ instanceId }) => instanceId)));
    if (!whole) return;
    this.#lastSweepAt = startedAt;
    for (const writer of dead) {
      await bury(this.#tools.port, writer);
      this.#watched.delete(writer.instanceId);
    }
  }

  #deadAmong(seen: readonly SeenWriter[]): readonly SeenWriter[] {
    const now = this.#clock.monotonic();
    // A process that slept has watched nobody meanwhile.
    if (now - this.#lastLookAt > this.#settings.instanceTimeoutMs / 2) this.#watched.clear();
    this.#lastLookAt = now;
    const ids = new Set(seen.map(({ instanceId }) => instanceId));
    for (const id of this.#watched.keys()) if (!ids.has(id)) this.#watched.delete(id);
    return seen.filter(({ instanceId, beat }) => {
      const watched = this.#watched.get(instanceId);
      if (watched?.beat === beat) return now - watched.since >= this.#settings.instanceTimeoutMs;
      this.#watched.set(instanceId, { beat, since: now });
      return false;
    });
  }

  /** Repairs every intent of the dead and of the unknown. True when none is left. */
  async #sweep(dead: ReadonlySet<string>): Promise<boolean> {
    const living = new Set<string>();
    let whole = true;
    for await (const rows of this.#tools.port.pages(readIntents, [])) {
      const intents = rows.map(foundIntent);
      for (const id of new Set(intents.map(({ instanceId }) => instanceId))) {
        // Read after its intents: a writer enters before it writes any.
        if (dead.has(id) || living.has(id)) continue;
        if ((await readBeatOf(this.#tools.port, id)) !== undefined) living.add(id);
      }
      whole = (await this.#repair(intents.filter(({ instanceId }) => !living.has(instanceId)))) && whole;
      if (this.#stopped.signal.aborted) return false;
    }
    return whole;
  }

  async #repair(intents: readonly FoundIntent[]): Promise<boolean> {
    let whole = true;
    for (let at = 0; at < intents.length && !this.#stopped.signal.aborted; at += REPAIRS_AT_ONCE) {
      const repairs = intents.slice(at, at + REPAIRS_AT_ONCE).map(async (intent) => {
        try {
          const outcome = await repairIntent(this.#tools, intent);
          this.#counts = { ...this.#counts, [outcome]: this.#counts[outcome] + 1 };
        } catch (error) {
          whole = false;
          this.#failed(error);
        }
      });
      await Promise.all(repairs);
    }
    return whole && !this.#stopped.signal.aborted;
  }

  #failed(error: unknown): void {
    this.#counts = { ...this.#counts, failures: this.#counts.failures + 1 };
    this.#onFailure(error);
  }
}
