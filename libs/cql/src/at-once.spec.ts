import { atOnce } from './at-once.js';

/** Work whose end the test decides. */
class Works {
  readonly begun: number[] = [];
  readonly #ends = new Map<number, { resolve: () => void; reject: (error: Error) => void }>();

  readonly work = (item: number): Promise<void> => {
    this.begun.push(item);
    return new Promise((resolve, reject) => this.#ends.set(item, { resolve, reject }));
  };

  async end(item: number, error?: Error): Promise<void> {
    const { resolve, reject } = this.#ends.get(item)!;
    if (error) reject(error);
    else resolve();
    await new Promise((turned) => setImmediate(turned));
  }
}

describe('atOnce', () => {
  it('begins the next one when one ends, and never more than it may', async () => {
    const works = new Works();
    const done = atOnce([1, 2, 3], 2, works.work);
    expect(works.begun).toEqual([1, 2]);
    await works.end(2);
    expect(works.begun).toEqual([1, 2, 3]);
    await works.end(3);
    await works.end(1);
    await expect(done).resolves.toBeUndefined();
  });

  it('given a failure, then nothing more is begun, and it is told when the rest has ended', async () => {
    const works = new Works();
    let told: unknown;
    const done = atOnce([1, 2, 3], 2, works.work).catch((error: unknown) => (told = error));
    await works.end(1, new Error('one'));
    expect(works.begun).toEqual([1, 2]);
    expect(told).toBeUndefined();
    await works.end(2, new Error('two'));
    await done;
    expect(told).toEqual(new Error('one'));
  });
});
