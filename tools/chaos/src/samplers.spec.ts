import type { BucketRow } from '@chronicle/change-feed-core';
import { checkpointRuleOf } from './checkpoint-rule.js';
import type { CheckpointRule } from './checkpoint-rule.js';
import { GroupOwnership } from './ownership-sampler.js';
import { ShownVersions } from './version-sampler.js';

describe('shown versions', () => {
  it('may stay and grow, each read model and order for itself', () => {
    const versions = new ShownVersions();
    for (const version of [1, 1, 3]) versions.shown('a', { orderId: 'one', version });
    versions.shown('b', { orderId: 'one', version: 2 });
    versions.shown('a', { orderId: 'two', version: 1 });
    expect([versions.samples, versions.violations]).toEqual([5, []]);
  });

  it('may not go back', () => {
    const versions = new ShownVersions();
    for (const version of [3, 2]) versions.shown('a', { orderId: 'one', version });
    expect(versions.violations).toEqual(['a showed version 2 of order one after version 3']);
  });
});

describe('ownership of buckets', () => {
  const row = (owner: string | null, epoch: number): BucketRow => ({ bucket: 0, owner, epoch, handoffTo: null });

  type Sample = readonly [owner: string | null, epoch: number, checkpoint: string];
  const embedded = checkpointRuleOf({ engine: 'embedded' });
  const cluster = checkpointRuleOf({ engine: 'cassandra' });

  function violations(rule: CheckpointRule, ...samples: readonly Sample[]) {
    const ownership = new GroupOwnership('group', rule);
    for (const [owner, epoch, checkpoint] of samples) {
      ownership.sample([row(owner, epoch)], new Map([[0, checkpoint]]), [row(owner, epoch)]);
    }
    return ownership.violations;
  }

  it('may move on with its epoch, and checkpoints with it', () => {
    expect(
      violations(embedded, ['a', 1, '9'], ['a', 1, '10'], [null, 2, '10'], ['b', 3, '10'], ['b', 3, '11']),
    ).toEqual([]);
  });

  it('is judged by nothing that was read while it moved', () => {
    const ownership = new GroupOwnership('group', embedded);
    ownership.sample([row('a', 1)], new Map([[0, '9']]), [row('b', 2)]);
    expect(ownership.samples).toBe(0);
  });

  it.each([
    ['an epoch that goes back', ['a', 2, '9'], ['a', 1, '9'], 'in epoch 1: was in epoch 2 before'],
    ['two owners of one epoch', ['a', 1, '9'], ['b', 1, '9'], 'in epoch 1: owner b after a'],
    ['a checkpoint that goes back', ['a', 1, '10'], ['a', 1, '9'], 'in epoch 1: checkpoint 9 after 10 in epoch 1'],
    [
      'one that the next owner takes back',
      ['a', 1, '10'],
      ['b', 2, '9'],
      'in epoch 2: checkpoint 9 after 10 in epoch 1',
    ],
  ] as const)('given %s, then it is told', (_, first, second, told) => {
    expect(violations(embedded, first, second)).toEqual([`bucket 0 of group ${told}`]);
  });

  it('on a cluster, must go on within an epoch, by the time up to which the log is complete', () => {
    const at = (micros: number) => `log - v1/-/${micros}/1`;
    expect(violations(cluster, ['a', 1, at(9)], ['a', 1, at(10)], ['a', 1, at(9)])).toEqual([
      `bucket 0 of group in epoch 1: checkpoint ${at(9)} after ${at(10)} in epoch 1`,
    ]);
    expect(violations(cluster, ['a', 1, at(10)], ['b', 2, at(9)])).toEqual([]);
  });
});
