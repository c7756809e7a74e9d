import { FAILPOINTS } from '@chronicle/seams';
import { Dice } from './dice.js';
import { FAILPOINTS_HERE, failpointPlan, failpointText } from './failpoint-plan.js';
import type { ArmedFailpoint } from './failpoint-plan.js';

const armedIn = (seed: number) =>
  failpointPlan(new Dice(seed, 'plan'))
    .flat(2)
    .flatMap(({ armed }) => armed);
const named = (armed: readonly ArmedFailpoint[], effect: string) =>
  [...new Set(armed.filter((failpoint) => failpoint.effect.startsWith(effect)).map(({ name }) => name))].sort();

describe('the failpoint plan', () => {
  it('ends a process at every failpoint of the embedded engine', () => {
    expect(named(armedIn(1), 'exit')).toEqual([...FAILPOINTS_HERE].sort());
  });

  it('throws, delays and stops too', () => {
    expect(named(armedIn(1), 'throw').length).toBeGreaterThan(7);
    expect(named(armedIn(1), 'delay').length).toBeGreaterThan(3);
    expect(named(armedIn(1), 'stop').length).toBeGreaterThan(3);
  });

  it('is the same for the same seed, and counts other passes for another', () => {
    expect(armedIn(1)).toEqual(armedIn(1));
    expect(armedIn(1)).not.toEqual(armedIn(2));
  });

  it('leaves out only what a cluster engine does', () => {
    const elsewhere = FAILPOINTS.filter((name) => !FAILPOINTS_HERE.includes(name));
    expect(elsewhere).toEqual([
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
