import type { Clock, Entropy } from '@chronicle/seams';
import { InMemoryCluster, type ClusterOptions } from '../database/in-memory-cluster.js';
import { InMemoryCqlPort } from '../database/in-memory-cql-port.js';
import type { ScheduleOptions } from '../schedule.js';
import { Chance } from './chance.js';
import { Network } from './network.js';
import { SimulatedProcess } from './simulated-process.js';
import { SimulatedTime } from './simulated-time.js';
import type { Trace } from './trace.js';

/** The keyspace of every schedule. */
export const KEYSPACE = 'simulated';

export interface WorldOptions {
  /** How far a clock may be ahead or behind, of a node or of a process, in ms. */
  readonly skewMostMs: number;
  readonly onWrite: NonNullable<ClusterOptions['onWrite']>;
}

/** A process with what its adapters are opened with. */
export interface ConnectedProcess {
  readonly process: SimulatedProcess;
  readonly port: InMemoryCqlPort;
  readonly clock: Clock;
  readonly entropy: Entropy;
}

/** One cluster of a few nodes, a network, and the time in which everything in a schedule happens. */
export class SimulatedWorld {
  readonly time = new SimulatedTime();
  readonly chance: Chance;
  readonly cluster: InMemoryCluster;
  readonly network: Network;
  /** With the time. */
  readonly trace: Trace;
  readonly #skewMostMs: number;

  constructor({ seed, trace, onRequest }: ScheduleOptions, { skewMostMs, onWrite }: WorldOptions) {
    const chance = (this.chance = new Chance(seed));
    this.#skewMostMs = skewMostMs;
    this.trace = (text) => trace(() => `${this.time.elapsed.toFixed(1).padStart(9)} ${text()}`);
    this.cluster = new InMemoryCluster({
      now: () => this.time.now,
      skewsMs: Array.from({ length: chance.whole(1, 3) }, () => this.#skewMs()),
      pageRowsMax: chance.oneOf([2, 5, 1_000]),
      onWrite,
      ...(onRequest && { onRequest }),
    });
    this.network = new Network(this.time, chance, this.cluster.nodes, this.trace);
  }

  connect(name: string): ConnectedProcess {
    const process = new SimulatedProcess(name, this.chance.child(), this.time, this.#skewMs());
    const { clock, entropy } = process;
    return { process, port: new InMemoryCqlPort(this.cluster, this.network.lineOf(process)), clock, entropy };
  }

  /** Lets time pass until it holds, but not for longer than `withinMs`; looks every `everyMs`. True when it holds. */
  async until(holds: () => boolean, withinMs: number, everyMs = 200): Promise<boolean> {
    const deadline = this.time.elapsed + withinMs;
    while (!holds()) {
      if (this.time.elapsed >= deadline) return false;
      await this.time.pass(this.time.elapsed + everyMs);
    }
    return true;
  }

  /** Lets time pass until `work` is done; undefined when it is not within `withinMs`. Throws what `work` throws. */
  async done<Result>(work: Promise<Result>, withinMs: number): Promise<Result | undefined> {
    let ended = false;
    const ending = work.finally(() => (ended = true));
    ending.catch(() => undefined); // thrown below
    return (await this.until(() => ended, withinMs, 50)) ? ending : undefined;
  }

  /** Pauses a process for a while. */
  pause(process: SimulatedProcess, ms: number, afterwards: () => void = () => undefined): void {
    this.trace(() => `${process.name} is paused`);
    process.pause();
    this.time.schedule(ms, () => {
      this.trace(() => `${process.name} goes on`);
      process.resume();
      afterwards();
    });
  }

  kill(process: SimulatedProcess): void {
    this.trace(() => `${process.name} is killed`);
    process.kill();
  }

  #skewMs(): number {
    return this.chance.between(-this.#skewMostMs, this.#skewMostMs);
  }
}
