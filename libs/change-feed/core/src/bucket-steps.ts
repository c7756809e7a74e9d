import type { Advance } from './consumer-store.js';

/** One aggregate's step, before the epoch is known in which it is committed. */
export type Step<Effect> = Omit<Advance<Effect>, 'epoch'>;

/** Those of `steps` whose buckets may be written for, with the epochs in which they may. */
export function inEpochs<T extends { readonly bucket: number }>(
  steps: readonly T[],
  epochs: ReadonlyMap<number, number>,
): readonly (T & { readonly epoch: number })[] {
  const own: (T & { readonly epoch: number })[] = [];
  for (const step of steps) {
    const epoch = epochs.get(step.bucket);
    if (epoch !== undefined) own.push({ ...step, epoch });
  }
  return own;
}
