import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { systemClock } from '@chronicle/seams';
import { WORKERS, eventually } from '@chronicle/tool-system';
import type { System } from '@chronicle/tool-system';
import { CassandraNodes } from './cassandra-nodes.js';
import { chaosApps, firstReplicaOf, startChaosSystem, writersOf } from './chaos-system.js';
import type { ChaosEngine } from './chaos-system.js';
import { whatZeroMeans } from './crash-report.js';
import type { CrashReport, NodeLoss } from './crash-report.js';
import { Dice } from './dice.js';
import { failpointPlan } from './failpoint-plan.js';
import { FailpointRun } from './failpoint-run.js';
import { FaultLog } from './fault-log.js';
import { checkInvariants } from './invariants.js';
import { Load } from './load.js';
import { NodeFaults } from './node-faults.js';
import { OwnershipSampler } from './ownership-sampler.js';
import { comeToRest, statusOf } from './quiet.js';
import type { Rest } from './quiet.js';
import { RandomFaults } from './random-faults.js';
import { repeatAtRest } from './repeat-at-rest.js';
import { VersionSampler } from './version-sampler.js';

export interface CrashRunOptions {
  readonly engine: ChaosEngine;
  /** Of the database that the run starts; default 1, and none on the embedded engine. */
  readonly nodes?: number;
  readonly seed: number;
  readonly commandsPerSecond: number;
  readonly clients: number;
}

export interface RandomFaultsPlan {
  readonly kills: number;
  /** The mean wait between two faults. */
  readonly everyMs: number;
  readonly onKill?: (kills: number) => void;
  /** Aborted: the faults end early. */
  readonly signal?: AbortSignal;
}

/** How long a group may take to share out the buckets of a stopped owner, also when the heir starts again meanwhile. */
const DEPOSED_MS_MAX = 60_000;
/** How long a deposed owner that goes on may take to notice. */
const NOTICED_MS_MAX = 30_000;
/** Long enough for every sampler to look at everything again. */
const LOOK_AGAIN_MS = 1000;

/** A system of real processes under load, what is done to it, and what is found afterwards. */
export class CrashRun {
  readonly faults = new FaultLog();
  readonly load: Load;
  /** Of the database. */
  readonly nodes: NodeFaults;
  /** Replicas that were stopped for good, to be deposed. */
  private readonly deposed = new Set<string>();
  private readonly versions: VersionSampler;
  private readonly rests: Rest[] = [];
  private readonly losses: NodeLoss[] = [];

  private constructor(
    readonly system: System,
    database: CassandraNodes | undefined,
    private readonly ownership: OwnershipSampler,
    private readonly options: CrashRunOptions,
  ) {
    this.nodes = new NodeFaults(database?.nodes ?? [], this.faults);
    this.load = new Load({ ...options, urls: [system.url('command-service')] });
    const movesAtOnce = options.engine === 'embedded';
    this.versions = new VersionSampler(
      system.url('query-service'),
      this.load.orders,
      this.dice('versions'),
      movesAtOnce,
    );
  }

  /** Starts the system in a new folder of its own, with its database, the clients and the samplers. */
  static async start(options: CrashRunOptions): Promise<CrashRun> {
    const dataDir = mkdtempSync(join(tmpdir(), 'chaos-'));
    const { engine, nodes = 1 } = options;
    const database = engine === 'embedded' ? undefined : new CassandraNodes({ dataDir, nodes });
    const system = await startChaosSystem(engine, dataDir, database);
    const statuses = await Promise.all(WORKERS.map((app) => statusOf(system, app)));
    const groups = statuses.map((status) => status!.group);
    const ownership = await OwnershipSampler.start(system.engine, groups);
    return new CrashRun(system, database, ownership, options);
  }

  /** Passes every failpoint of the plan of that round; some replicas stay stopped until the next round or {@link conclude}. */
  async passFailpoints(round = 1): Promise<void> {
    this.commandsTo('command-service');
    const plan = failpointPlan(this.dice(`failpoints ${round}`), this.options.engine);
    await new FailpointRun(this.system, this.faults).run(plan);
    for (const life of plan.flat(2)) if (life.goesOn === 'deposed') this.deposed.add(life.app);
    this.commandsTo(...writersOf(this.options.engine));
  }

  /** Lets the replicas that stayed stopped go on; resolves when they have noticed that they own nothing any more. */
  async letDeposedGoOn(): Promise<void> {
    await Promise.all([...this.deposed].map((app) => this.goOn(app)));
  }

  /** Kills, stops and ends apps at random, and nodes of the database; resolves with the number of SIGKILLs. */
  async strikeAtRandom(plan: RandomFaultsPlan): Promise<number> {
    const { system, faults, nodes, apps } = this;
    return new RandomFaults({ ...plan, system, faults, nodes, apps, dice: this.dice('random faults') }).run();
  }

  /** Kills a node of the database, leaves it down, brings it back, and tells how clients were served until it serves again. */
  async loseNode(index: number, downMs: number): Promise<NodeLoss> {
    const node = this.nodes.nodes[index]!;
    const from = systemClock.monotonic();
    await this.nodes.kill(node, downMs);
    const to = systemClock.monotonic();
    const loss = { node: node.address, downMs: Math.round(to - from), ...this.load.journal.served(from, to) };
    this.losses.push(loss);
    return loss;
  }

  /** Leaves the system alone, lets the deposed go on, repeats what has a key, and checks every invariant. Stops all of it. */
  async conclude(): Promise<CrashReport> {
    await this.load.stop();
    await this.nodes.over();
    await this.system.whenReady(...this.apps);
    await this.rest();
    await systemClock.sleep(LOOK_AGAIN_MS);
    await this.letDeposedGoOn(); // with nobody else writing: whatever they still write stays there to be seen
    await this.rest();
    const url = this.system.url('command-service');
    await repeatAtRest(url, this.load.journal, this.load.orders, this.dice('repeats'));
    await this.rest();
    await systemClock.sleep(LOOK_AGAIN_MS);
    await this.versions.stop();
    await this.ownership.stop();
    return this.report();
  }

  /** What is needed to look into a run that failed. */
  whatWasDone(): string {
    const { seed, engine } = this.options;
    return `engine ${engine}, seed ${seed}; data directory, kept: ${this.system.dataDir}; what was done, when:\n${this.faults}`;
  }

  /** Ends every process; the data directory stays when `keep`. */
  async stop(keep: boolean): Promise<void> {
    await this.load.stop();
    await this.versions.stop();
    await this.ownership.stop();
    await this.system.stop();
    if (!keep) rmSync(this.system.dataDir, { recursive: true, force: true });
  }

  /** Those that were not stopped to be deposed. */
  private get apps(): readonly string[] {
    const names = chaosApps(this.options.engine).map(({ name }) => name);
    return names.filter((name) => !this.deposed.has(name));
  }

  private commandsTo(...apps: readonly string[]): void {
    this.load.turnTo(apps.map((app) => this.system.url(app)));
  }

  private async rest(): Promise<void> {
    this.rests.push(await comeToRest(this.system));
  }

  private async goOn(app: string): Promise<void> {
    const heir = firstReplicaOf(app);
    await eventually(async () => {
      const owned = (await statusOf(this.system, heir))?.buckets.length ?? 0;
      if (owned < this.ownership.bucketCount) throw new Error(`${heir} owns ${owned} buckets: ${app} is not deposed`);
    }, DEPOSED_MS_MAX);
    const lost = () => this.system.logs(app).filter((line) => line.includes('a bucket was lost')).length;
    const before = lost();
    await this.system.kill(app, 'SIGCONT');
    this.faults.add(app, 'SIGCONT after it was deposed');
    await eventually(() => {
      if (lost() <= before) throw new Error(`${app} went on and has not noticed that its buckets are not its own`);
    }, NOTICED_MS_MAX);
    await systemClock.sleep(LOOK_AGAIN_MS);
    this.deposed.delete(app);
  }

  private async report(): Promise<CrashReport> {
    const { seed, engine } = this.options;
    const { dataDir } = this.system;
    const { journal } = this.load;
    const { losses } = this;
    const invariants = await checkInvariants({
      location: this.system.engine,
      commands: journal.commands,
      versions: this.versions.versions,
      ownerships: this.ownership.ownerships,
      rests: this.rests,
    });
    const faults = this.faults.counts();
    const crashes = this.faults.faults.filter(({ fault }) => /^SIGKILL|:exit$/.test(fault)).length;
    return {
      ...{
        seed,
        engine,
        dataDir,
        durationMs: this.faults.elapsedMs,
        commands: journal.counts(),
        faults,
        losses,
        invariants,
      },
      passed: invariants.every(({ violations }) => violations.length === 0),
      whatZeroMeans: whatZeroMeans(crashes),
    };
  }

  private dice(label: string): Dice {
    return new Dice(this.options.seed, label);
  }
}
