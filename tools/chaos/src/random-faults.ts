import { systemClock } from '@chronicle/seams';
import type { System } from '@chronicle/tool-system';
import { SECOND_REPLICAS } from './chaos-system.js';
import type { Dice } from './dice.js';
import type { FaultLog } from './fault-log.js';
import type { NodeFaults } from './node-faults.js';

/** What random faults are drawn, and how many. */
export interface RandomFaultsOptions {
  readonly system: System;
  readonly dice: Dice;
  readonly faults: FaultLog;
  /** Nodes of a database that are hit too. */
  readonly nodes: NodeFaults;
  /** Who is hit; the first twice as often as each of the others. */
  readonly apps: readonly string[];
  /** It ends with this many SIGKILLs; what else is drawn comes on top. */
  readonly kills: number;
  /** The mean wait between two faults. */
  readonly everyMs: number;
  readonly onKill?: (kills: number) => void;
  /** Aborted: it ends early. */
  readonly signal?: AbortSignal;
}

/** Of all faults. The rest is SIGKILL of one app. */
const SHARES = { killAll: 0.03, stop: 0.13, depose: 0.03, term: 0.07, killNode: 0.03, pauseNode: 0.04 };
const STOPPED_MS = { min: 100, max: 4000 };
/** Longer than it takes a group to give up on an instance. */
const DEPOSED_MS = { min: 11_000, max: 14_000 };

const NODE_DOWN_MS = { min: 0, max: 5000 };
/** Shorter and longer than the apps wait for an answer. */
const NODE_PAUSED_MS = { min: 500, max: 8000 };

/** Kills, stops and ends apps at random moments, whatever they do: starting, draining, writing. */
export class RandomFaults {
  private kills = 0;
  private readonly stopped = new Map<string, Promise<void>>();

  constructor(private readonly options: RandomFaultsOptions) {}

  /** Resolves with the number of kills when nobody is stopped any more. */
  async run(): Promise<number> {
    const { kills, dice, everyMs, onKill, signal } = this.options;
    while (this.kills < kills && !signal?.aborted) {
      await systemClock.sleep(everyMs * dice.between(0.2, 1.8), signal);
      await this.strike();
      onKill?.(this.kills);
    }
    await Promise.all([...this.stopped.values(), this.options.nodes.over()]);
    return this.kills;
  }

  private async strike(): Promise<void> {
    const { dice, apps, nodes } = this.options;
    const running = [apps[0]!, ...apps].filter((app) => this.options.system.pid(app) && !this.stopped.has(app));
    const replicas = SECOND_REPLICAS.filter((app) => running.includes(app));
    if (running.length === 0) return;
    const throwOf = dice.between(0, 1);
    let share = 0;
    const isDrawn = (kind: keyof typeof SHARES) => throwOf < (share += SHARES[kind]);
    if (isDrawn('killAll')) await Promise.all(apps.map((app) => this.kill(app)));
    else if (isDrawn('stop')) this.stop(dice.oneOf(running), dice.between(STOPPED_MS.min, STOPPED_MS.max));
    else if (isDrawn('depose') && replicas.length > 0)
      this.stop(dice.oneOf(replicas), dice.between(DEPOSED_MS.min, DEPOSED_MS.max));
    else if (isDrawn('term')) await this.signal(dice.oneOf(running), 'SIGTERM');
    else if (nodes.possible && isDrawn('killNode')) this.killNode();
    else if (nodes.possible && isDrawn('pauseNode')) this.pauseNode();
    else await this.kill(dice.oneOf(running));
  }

  private killNode(): void {
    const { dice, nodes } = this.options;
    this.kills += 1;
    void nodes.kill(dice.oneOf(nodes.nodes), dice.between(NODE_DOWN_MS.min, NODE_DOWN_MS.max));
  }

  private pauseNode(): void {
    const { dice, nodes } = this.options;
    void nodes.pause(dice.oneOf(nodes.nodes), dice.between(NODE_PAUSED_MS.min, NODE_PAUSED_MS.max));
  }

  private async kill(app: string): Promise<void> {
    if (await this.signal(app, 'SIGKILL')) this.kills += 1;
  }

  private stop(app: string, ms: number): void {
    const stopped = async () => {
      if (!(await this.signal(app, 'SIGSTOP', ` for ${Math.round(ms)} ms`))) return;
      await systemClock.sleep(ms);
      await this.signal(app, 'SIGCONT');
    };
    this.stopped.set(
      app,
      stopped().finally(() => this.stopped.delete(app)),
    );
  }

  /** False: between two processes there is nobody to send it to. */
  private async signal(app: string, signal: NodeJS.Signals, more = ''): Promise<boolean> {
    const { system, faults } = this.options;
    if (system.pid(app) === undefined) return false;
    faults.add(app, `${signal}${more}`);
    await system.kill(app, signal);
    return true;
  }
}
