import { KeptLog, ManualClock } from '../seams.fixture.js';
import { Drain } from './drain.js';
import { openLog } from './log.js';

describe('the drain', () => {
  const clock = new ManualClock();
  const log = new KeptLog();
  const open = () => new Drain(clock, openLog('test', 'info', log));
  const turn = () => new Promise((resolve) => setImmediate(resolve));

  it('runs its steps one after the other, in the order they were added', async () => {
    const drain = open();
    const seen: string[] = [];
    let openGate = () => {};
    const gate = new Promise<void>((resolve) => (openGate = resolve));
    drain.step('first', async () => {
      await gate;
      seen.push('first');
    });
    drain.step('second', () => void seen.push('second'));
    expect(drain.isDraining).toBe(false);
    const ended = drain.start(1_000);
    expect(drain.isDraining).toBe(true);
    await turn();
    expect(seen).toEqual([]);
    openGate();
    expect(await ended).toEqual({ outcome: 'finished' });
    expect(seen).toEqual(['first', 'second']);
  });

  it('goes on after a step that failed, and names it', async () => {
    const drain = open();
    const seen: string[] = [];
    drain.step('bad', () => Promise.reject(new Error('no')));
    drain.step('worse', () => {
      throw new Error('no');
    });
    drain.step('good', () => void seen.push('good'));
    expect(await drain.start(1_000)).toEqual({ outcome: 'incomplete', failed: ['bad', 'worse'], unfinished: [] });
    expect(seen).toEqual(['good']);
    expect(log.lines).toContainEqual(expect.objectContaining({ level: 'error', step: 'bad' }));
  });

  it('ends at its bound, and names what was not finished', async () => {
    const drain = open();
    drain.step('quick', () => {});
    drain.step('endless', () => new Promise(() => {}));
    drain.step('never begun', () => {});
    const ended = drain.start(1_000);
    await turn();
    clock.pass(1_000);
    expect(await ended).toEqual({ outcome: 'incomplete', failed: [], unfinished: ['endless', 'never begun'] });
  });

  it('runs once, however often it is asked', async () => {
    const drain = open();
    let runs = 0;
    drain.step('count', () => void (runs += 1));
    expect(await Promise.all([drain.start(1_000), drain.start(1_000)])).toEqual([
      { outcome: 'finished' },
      { outcome: 'finished' },
    ]);
    expect(runs).toBe(1);
  });
});
