import { FAILPOINTS } from '@chronicle/seams';
import type { ChaosEngine } from './chaos-system.js';
import { Dice } from './dice.js';
import { failpointPlan, failpointText, failpointsOf } from './failpoint-plan.js';
import type { ArmedFailpoint } from './failpoint-plan.js';

const armedIn = (seed: number, engine: ChaosEngine) =>
  failpointPlan(new Dice(seed, 'plan'), engine)
    .flat(2)
    .flatMap(({ armed }) => armed);
const named = (armed: readonly ArmedFailpoint[], effect: string) =>
  [...new Set(armed.filter((failpoint) => failpoint.effect.startsWith(effect)).map(({ name }) => name))].sort();

describe.each(['embedded', 'cassandra'] as const)('the failpoint plan of %s', (engine) => {
  it('ends a process at every failpoint of the engine', () => {
    expect(named(armedIn(1, engine), 'exit')).toEqual([...failpointsOf(engine)].sort());
  });

  it('throws, delays and stops too', () => {
    expect(named(armedIn(1, engine), 'throw').length).toBeGreaterThan(7);
    expect(named(armedIn(1, engine), 'delay').length).toBeGreaterThan(3);
    expect(named(armedIn(1, engine), 'stop').length).toBeGreaterThan(3);
  });

  it('is the same for the same seed, and counts other passes for another', () => {
    expect(armedIn(1, engine)).toEqual(armedIn(1, engine));
    expect(armedIn(1, engine)).not.toEqual(armedIn(2, engine));
  });
});

describe('failpoints', () => {
  it('are all passed on a cluster, but for that of a rebuild, and on the embedded engine without the commit protocol', () => {
    const leftOutBy = (engine: ChaosEngine) => FAILPOINTS.filter((name) => !failpointsOf(engine).includes(name));
    expect(leftOutBy('cassandra')).toEqual(['rebuild-before-promote']);
    expect(leftOutBy('embedded')).toEqual([
      ...['after-intent', 'before-outbox', 'after-outbox', 'before-clear'],
      ...['repair-after-read', 'repair-after-publish', 'repair-after-fence', 'rebuild-before-promote'],
    ]);
  });

  it('is told to a process as FAILPOINT has it', () => {
    const armed = [
      { name: 'after-load', nth: 3, effect: 'exit' } as const,
      { name: 'before-reply', nth: 1, effect: 'delay=4000' } as const,
    ];
    expect(failpointText(armed)).toBe('after-load:3:exit,before-reply:1:delay=4000');
  });
});
