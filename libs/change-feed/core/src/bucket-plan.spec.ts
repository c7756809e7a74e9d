import fc from 'fast-check';
import { planBuckets } from './bucket-plan.js';
import type { BucketRow } from './group-coordination.js';

const BUCKETS = 32;

/** The group as one file of rows, in which each instance acts on its plan until nobody wants anything any more. */
class Group {
  rows: BucketRow[] = Array.from({ length: BUCKETS }, (_, bucket) => ({
    bucket,
    owner: null,
    epoch: 0,
    handoffTo: null,
  }));
  readonly live = new Set<string>();
  moves = new Map<number, number>();

  /** Lets everybody act, in an order drawn by `draw`, until all is quiet. */
  settle(draw: () => number): void {
    this.moves = new Map();
    for (let round = 0; round < 100; round += 1) {
      const before = JSON.stringify(this.rows);
      for (const instanceId of [...this.live].sort(() => draw() - 0.5)) this.#act(instanceId);
      if (JSON.stringify(this.rows) === before) return;
    }
    throw new Error('the group does not come to rest');
  }

  leave(instanceId: string): void {
    this.live.delete(instanceId);
    this.rows = this.rows.map((row) => (row.owner === instanceId ? { ...row, owner: null, handoffTo: null } : row));
  }

  sizes(): readonly number[] {
    return [...this.live].map((instanceId) => this.rows.filter((row) => row.owner === instanceId).length);
  }

  #act(instanceId: string): void {
    for (const row of this.rows) {
      if (row.owner === instanceId && row.handoffTo !== null && this.live.has(row.handoffTo))
        this.#give(row, row.handoffTo);
    }
    const plan = planBuckets({ rows: this.rows, instanceId, live: this.live, abandoned: new Set() });
    for (const row of plan.take) this.#give(row, instanceId);
    for (const row of plan.askFor) this.rows[row.bucket] = { ...row, handoffTo: instanceId };
  }

  #give(row: BucketRow, owner: string): void {
    if (row.owner !== null || row.epoch > 0) this.moves.set(row.bucket, (this.moves.get(row.bucket) ?? 0) + 1);
    this.rows[row.bucket] = { bucket: row.bucket, owner, epoch: row.epoch + 1, handoffTo: null };
  }
}

const steps = fc.array(fc.record({ instance: fc.nat(6), joins: fc.boolean() }), { minLength: 1, maxLength: 12 });

describe('planBuckets', () => {
  it('given whoever comes and goes, then shares are even to one and no bucket moves twice for one step', () => {
    fc.assert(
      fc.property(steps, fc.infiniteStream(fc.double({ min: 0, max: 1, noNaN: true })), (taken, random) => {
        const draw = () => random.next().value as number;
        const group = new Group();
        for (const { instance, joins } of taken) {
          const instanceId = `i${instance}`;
          if (joins) group.live.add(instanceId);
          else group.leave(instanceId);
          if (group.live.size === 0) continue;
          group.settle(draw);
          expect(Math.max(...group.moves.values(), 0)).toBeLessThanOrEqual(1);
          expect(Math.max(...group.sizes()) - Math.min(...group.sizes())).toBeLessThanOrEqual(1);
          expect(group.rows.filter((row) => row.owner === null || !group.live.has(row.owner))).toEqual([]);
        }
      }),
      { numRuns: 300 },
    );
  });

  it('given a bucket that nobody took for long, then it is taken beyond the share', () => {
    const rows: BucketRow[] = [
      { bucket: 0, owner: 'a', epoch: 1, handoffTo: null },
      { bucket: 1, owner: null, epoch: 1, handoffTo: null },
    ];
    const view = { rows, instanceId: 'a', live: new Set(['a', 'b']) };
    expect(planBuckets({ ...view, abandoned: new Set() }).take).toEqual([]);
    expect(planBuckets({ ...view, abandoned: new Set([1]) }).take).toEqual([rows[1]]);
  });

  it('given a bucket that one who died has asked for, then it can be asked for again', () => {
    const rows: BucketRow[] = [0, 1].map((bucket) => ({ bucket, owner: 'a', epoch: 1, handoffTo: 'dead' }));
    const plan = planBuckets({ rows, instanceId: 'b', live: new Set(['a', 'b']), abandoned: new Set() });
    expect(plan.askFor).toEqual([rows[0]]);
  });
});
