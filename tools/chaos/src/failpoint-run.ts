import { systemClock } from '@chronicle/seams';
import type { System } from '@chronicle/tool-system';
import { failpointText } from './failpoint-plan.js';
import type { ArmedFailpoint, Life, Script, Step } from './failpoint-plan.js';
import type { FaultLog } from './fault-log.js';

/** An armed failpoint was not passed: the code or the plan is wrong, and what should be shown is not. */
export class NeverPassedError extends Error {
  readonly code = 'never-passed';
  constructor(life: Life, failpoint: ArmedFailpoint, lines: readonly string[]) {
    super(
      `${life.app} with FAILPOINT=${failpointText(life.armed)}: ${failpointText([failpoint])} took no effect within ` +
        `${PASSED_WITHIN_MS / 1000} s; its last lines:\n${lines.slice(-15).join('\n')}`,
    );
    this.name = 'NeverPassedError';
  }
}

/** Long, for a machine that does much else: starting takes most of it. */
const PASSED_WITHIN_MS = 240_000;
const LOOK_EVERY_MS = 20;
/** How long a process is stopped: longer than clients wait, shorter than its group needs to depose it. */
const STOPPED_MS = 3500;

/** Runs failpoint plans on a system under load. */
export class FailpointRun {
  constructor(
    private readonly system: System,
    private readonly faults: FaultLog,
  ) {}

  /** Resolves when every failpoint has been passed and what was to go on runs again. Throws {@link NeverPassedError}. */
  async run(scripts: readonly Script[]): Promise<void> {
    await Promise.all(scripts.map((script) => this.follow(script)));
  }

  private async follow(script: Script): Promise<void> {
    for (const step of script) await this.take(step);
    const last = new Map(script.flat().map((life) => [life.app, life]));
    const running = [...last.values()].filter(({ goesOn }) => goesOn !== 'deposed');
    await Promise.all(running.map(({ app }) => this.system.whenReady(app)));
  }

  private async take(step: Step): Promise<void> {
    for (const { app } of step) await this.system.hold(app);
    const lives: BegunLife[] = [];
    const othersOf = (life: Life) => Promise.all(lives.map(({ app, passed }) => app === life.app || passed));
    for (const life of step) lives.push(await this.begin(life, () => othersOf(life)));
    await Promise.all(lives.map(({ passed }) => passed));
  }

  /** Resolves when the process runs (or has been where it was armed to go). */
  private async begin(life: Life, others: () => Promise<unknown>): Promise<BegunLife> {
    const passes = new Passes(this.system, life);
    const spec = failpointText(life.armed);
    const ready = this.system.start(life.app, { FAILPOINT: spec });
    this.faults.add(life.app, `started with FAILPOINT=${spec}`);
    const passed = this.passAll(life, passes, others);
    passed.catch(() => undefined); // awaited by the caller, after the others have begun
    if (life.goesOn === 'deposed') ready.catch(() => undefined);
    else await Promise.race([ready, passed]);
    return { app: life.app, passed };
  }

  private async passAll(life: Life, passes: Passes, others: () => Promise<unknown>): Promise<void> {
    for (const failpoint of life.armed) {
      if (life.endsInOrder && failpoint === life.armed.at(-1)) await this.system.kill(life.app, 'SIGTERM');
      await passes.passed(failpoint);
      this.faults.add(life.app, `failpoint ${failpointText([failpoint])}`);
      if (failpoint.effect === 'stop' && life.goesOn !== 'deposed') await this.goOn(life, others);
    }
  }

  private async goOn({ app, goesOn }: Life, others: () => Promise<unknown>): Promise<void> {
    await (goesOn === 'after-others' ? others() : systemClock.sleep(STOPPED_MS));
    await this.system.kill(app, 'SIGCONT');
  }
}

interface BegunLife {
  readonly app: string;
  /** Resolves when all its failpoints have been passed. */
  readonly passed: Promise<void>;
}

/** Looks in the log of a process for the lines that say that its failpoints took effect. */
class Passes {
  /** Lines of earlier processes of the app, which say the same. */
  private readonly before = new Map<string, number>();

  constructor(
    private readonly system: System,
    private readonly life: Life,
  ) {
    for (const failpoint of life.armed) this.before.set(signOf(failpoint), this.count(signOf(failpoint)));
  }

  async passed(failpoint: ArmedFailpoint): Promise<void> {
    const { system, life } = this;
    const sign = signOf(failpoint);
    const deadline = systemClock.monotonic() + PASSED_WITHIN_MS;
    while (this.count(sign) <= this.before.get(sign)!) {
      if (systemClock.monotonic() > deadline) throw new NeverPassedError(life, failpoint, system.logs(life.app));
      await systemClock.sleep(LOOK_EVERY_MS);
    }
  }

  private count(sign: string): number {
    return this.system.logs(this.life.app).filter((line) => line.includes(sign)).length;
  }
}

/** What a process says when a failpoint takes effect. */
function signOf({ name, effect }: ArmedFailpoint): string {
  return `failpoint ${name}: ${effect.split('=')[0]}`;
}
