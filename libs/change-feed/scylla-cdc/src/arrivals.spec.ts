import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';
import { Arrivals } from './arrivals.js';

const never = new Promise<never>(() => undefined);

describe('Arrivals', () => {
  it('gives promises in the order in which they settle', async () => {
    const arrivals = new Arrivals<string>();
    const second = after('second', Promise.resolve());
    arrivals.add(after('third', second));
    arrivals.add(second);
    arrivals.add(Promise.resolve('first'));
    const taken = await takeAll(arrivals, 3);
    expect(taken).toEqual(['first', 'second', 'third']);
  });

  it('gives a failure to whoever takes it', async () => {
    const arrivals = new Arrivals<string>();
    arrivals.add(Promise.reject(new Error('away')));
    await arrivals.some;
    await expect(arrivals.take()).rejects.toThrow('away');
  });

  it('has nothing to take while nothing has settled', async () => {
    const arrivals = new Arrivals<string>();
    arrivals.add(never);
    arrivals.add(Promise.resolve('all'));
    await takeAll(arrivals, 1);
    expect(arrivals.take()).toBeUndefined();
  });

  it('keeps nothing of what was taken while another promise waits', async () => {
    setFlagsFromString('--expose-gc');
    const collectGarbage = runInNewContext('gc') as () => void;
    const arrivals = new Arrivals<object>();
    arrivals.add(never);
    const taken = await takeOne(arrivals);
    await new Promise(setImmediate);
    collectGarbage();
    expect(taken.deref()).toBeUndefined();
  });
});

function after<Result>(result: Result, before: Promise<unknown>): Promise<Result> {
  return before.then(() => result);
}

async function takeAll<Result>(arrivals: Arrivals<Result>, count: number): Promise<Result[]> {
  const taken: Result[] = [];
  while (taken.length < count) {
    await arrivals.some;
    taken.push((await arrivals.take())!);
  }
  return taken;
}

/** Adds an object and takes it; nobody else has it afterwards. */
async function takeOne(arrivals: Arrivals<object>): Promise<WeakRef<object>> {
  arrivals.add(Promise.resolve({ rows: [] }));
  await arrivals.some;
  return new WeakRef((await arrivals.take())!);
}
