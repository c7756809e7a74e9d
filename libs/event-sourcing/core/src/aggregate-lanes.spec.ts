import { gate } from './account.fixture.js';
import { AggregateLanes } from './aggregate-lanes.js';

describe('AggregateLanes', () => {
  it('runs the tasks of one aggregate in the order they came, and those of another beside them', async () => {
    const lanes = new AggregateLanes(10);
    const log: string[] = [];
    const first = gate();
    const task =
      (name: string, until: Promise<void> = Promise.resolve()) =>
      async () => {
        log.push(`${name} begins`);
        await until;
        log.push(`${name} ends`);
      };
    const running = [lanes.run('a', task('a1', first.opened)), lanes.run('a', task('a2')), lanes.run('b', task('b1'))];
    await running[2];
    expect(log).toEqual(['a1 begins', 'b1 begins', 'b1 ends']);
    first.open();
    await Promise.all(running);
    expect(log.slice(3)).toEqual(['a1 ends', 'a2 begins', 'a2 ends']);
  });

  it('given a task that throws, then answers its error and goes on with the next', async () => {
    const lanes = new AggregateLanes(10);
    const failing = lanes.run('a', () => Promise.reject(new Error('no')));
    const next = lanes.run('a', async () => 'yes');
    await expect(failing).rejects.toThrow('no');
    expect(await next).toBe('yes');
  });

  it('is idle when the last task has ended, also one that came meanwhile', async () => {
    const lanes = new AggregateLanes(10);
    const log: string[] = [];
    void lanes.run('a', async () => {
      void lanes.run('b', async () => {
        await new Promise(setImmediate);
        log.push('b');
      });
    });
    await lanes.idle();
    expect(log).toEqual(['b']);
    await lanes.idle();
  });
});
