import { ManualClock, armFailpoints } from '@chronicle/seams';
import { BucketCoordinator } from './bucket-coordinator.js';
import type { BucketClaim, BucketRow, Instance } from './group-coordination.js';
import { InMemoryGroupCoordination } from './in-memory-group-coordination.js';
import { pass, settled } from './log.fixture.js';
import { workerSettings } from './worker-settings.js';

const SECOND_MS = 1000;
/** The death of an instance, and the turns in which others see and use it. */
const DEATH_MS = 10 * SECOND_MS;

/** The coordination with a switch: off, nothing of it answers. */
class Coordination extends InMemoryGroupCoordination {
  readonly away = new Set<string>();
  claims: BucketClaim[] = [];
  owners: string[][] = Array.from({ length: 32 }, () => []);

  for(instanceId: string): Coordination {
    return new Proxy(this, {
      get: (target, name: keyof Coordination) => {
        const member: unknown = target[name];
        if (typeof member !== 'function') return member;
        return (...given: unknown[]) => {
          if (this.away.has(instanceId)) return Promise.reject(new Error('coordination is away'));
          return (member as (...given: unknown[]) => unknown).apply(target, given);
        };
      },
    });
  }

  override async take(seen: BucketRow, instanceId: string): Promise<BucketClaim> {
    const claim = this.claims.shift() ?? (await super.take(seen, instanceId));
    if (claim.outcome === 'claimed') this.owners[seen.bucket]!.push(instanceId);
    return claim;
  }
}

/** One process of the group. It drains what is to leave at once, unless told not to. */
class Member {
  readonly coordinator: BucketCoordinator;
  readonly lost: string[] = [];
  readonly errors: unknown[] = [];
  drains = true;

  constructor(
    readonly instanceId: string,
    readonly coordination: Coordination,
    clock: ManualClock,
  ) {
    this.coordinator = new BucketCoordinator({
      instanceId,
      coordination: coordination.for(instanceId),
      clock,
      settings: workerSettings(),
      observer: { bucketLost: ({ bucket, why }) => this.lost.push(`${bucket} ${why}`) },
      onChange: () => this.#drain(),
      onOutcome: (error) => error !== undefined && this.errors.push(error),
    });
  }

  #drain(): void {
    if (!this.drains) return;
    for (const bucket of this.coordinator.held.keys())
      if (this.coordinator.isLeaving(bucket)) this.coordinator.drained(bucket);
  }

  get size(): number {
    return this.coordinator.held.size;
  }
}

function given() {
  const clock = new ManualClock();
  const coordination = new Coordination();
  const member = (instanceId: string) => new Member(instanceId, coordination, clock);
  return { clock, coordination, member };
}

afterEach(() => armFailpoints(''));

describe('BucketCoordinator', () => {
  it('given an empty group, when one starts, then it has all buckets when start returns', async () => {
    const { member } = given();
    const a = member('a');
    await a.coordinator.start();
    expect(a.size).toBe(32);
    expect(a.coordinator.isDead('a')).toBe(false);
    await a.coordinator.stop();
  });

  it('given a group of one, when a second and a third join, then shares are even and each bucket moved at most once a step', async () => {
    const { clock, coordination, member } = given();
    const [a, b, c] = [member('a'), member('b'), member('c')];
    await a.coordinator.start();
    for (const [joining, sizes] of [
      [b, [16, 16, 0]],
      [c, [11, 11, 10]],
    ] as const) {
      coordination.owners = coordination.owners.map(() => []);
      await joining.coordinator.start();
      await pass(clock, 3 * SECOND_MS);
      expect([a.size, b.size, c.size]).toEqual(sizes);
      expect(Math.max(...coordination.owners.map((owners) => owners.length))).toBe(1);
    }
    expect([...a.lost, ...b.lost, ...c.lost]).toEqual([]);
    for (const each of [a, b, c]) await each.coordinator.stop();
  });

  it('given a rolling restart of three, then every step moves each bucket at most once', async () => {
    const { clock, coordination, member } = given();
    const members = [member('a'), member('b'), member('c')];
    for (const each of members) {
      await each.coordinator.start();
      await pass(clock, 3 * SECOND_MS);
    }
    for (const old of [...members]) {
      coordination.owners = coordination.owners.map(() => []);
      await old.coordinator.stop();
      members.splice(members.indexOf(old), 1);
      await pass(clock, 3 * SECOND_MS);
      expect(members.reduce((sum, each) => sum + each.size, 0)).toBe(32);
      expect(Math.max(...coordination.owners.map((owners) => owners.length))).toBe(1);
      coordination.owners = coordination.owners.map(() => []);
      const successor = member(`${old.instanceId}'`);
      members.push(successor);
      await successor.coordinator.start();
      await pass(clock, 3 * SECOND_MS);
      expect(members.map((each) => each.size).sort()).toEqual([10, 11, 11]);
      expect(Math.max(...coordination.owners.map((owners) => owners.length))).toBe(1);
    }
    for (const each of members) await each.coordinator.stop();
  });

  it('given an instance that falls silent, then its buckets are taken after ten seconds and not before', async () => {
    const { clock, coordination, member } = given();
    const [a, b] = [member('a'), member('b')];
    await a.coordinator.start();
    coordination.away.add('a');
    await b.coordinator.start();
    await pass(clock, DEATH_MS - 500);
    expect(b.size).toBe(0);
    await pass(clock, SECOND_MS);
    expect(b.size).toBe(32);
    await pass(clock, SECOND_MS);
    expect((await coordination.instances()).map((instance) => instance.instanceId)).toEqual(['b']);
    await b.coordinator.stop();
  });

  it('given an instance that is known to have ended, then its buckets are taken at once', async () => {
    const { coordination, member } = given();
    const [a, b] = [member('a'), member('b')];
    await a.coordinator.start();
    coordination.away.add('a');
    coordination.end('a');
    await b.coordinator.start();
    expect(b.size).toBe(32);
    await b.coordinator.stop();
  });

  it('given an observer whose own reads fail, then nobody is dead to it until ten seconds of reads that succeed', async () => {
    const { clock, coordination, member } = given();
    const [a, b] = [member('a'), member('b')];
    await a.coordinator.start();
    coordination.away.add('a');
    await b.coordinator.start();
    await pass(clock, DEATH_MS - SECOND_MS);
    coordination.away.add('b');
    await pass(clock, SECOND_MS);
    coordination.away.delete('b');
    await pass(clock, DEATH_MS - SECOND_MS);
    expect(b.size).toBe(0);
    await pass(clock, 2 * SECOND_MS);
    expect(b.size).toBe(32);
    await b.coordinator.stop();
  });

  it('given an instance that cannot beat, then it has let go before anybody takes it for dead, and comes back', async () => {
    const { clock, coordination, member } = given();
    const a = member('a');
    await a.coordinator.start();
    coordination.away.add('a');
    await pass(clock, 8 * SECOND_MS - 100);
    expect(a.coordinator.mayWrite()).toBe(true);
    await pass(clock, 100);
    expect(a.coordinator.mayWrite()).toBe(false);
    expect(a.size).toBe(0);
    expect(new Set(a.lost.map((line) => line.split(' ')[1]))).toEqual(new Set(['no-heartbeat']));
    coordination.away.delete('a');
    await pass(clock, SECOND_MS);
    expect(a.size).toBe(32);
    expect(Math.min(...a.coordinator.held.values())).toBe(2);
    await a.coordinator.stop();
  });

  it('given beats whose replies are lost, then they do not count', async () => {
    const { clock, member } = given();
    const a = member('a');
    armFailpoints('heartbeat-lost-reply:1:throw');
    await a.coordinator.start();
    expect(a.coordinator.mayWrite()).toBe(false);
    expect(a.size).toBe(0);
    await pass(clock, SECOND_MS);
    expect(a.size).toBe(32);
    await a.coordinator.stop();
  });

  it('given an owner that does not drain, then it hands over after five seconds all the same', async () => {
    const { clock, member } = given();
    const [a, b] = [member('a'), member('b')];
    await a.coordinator.start();
    a.drains = false;
    await b.coordinator.start();
    await pass(clock, 5 * SECOND_MS);
    expect(b.size).toBe(0);
    await pass(clock, 2 * SECOND_MS);
    expect([a.size, b.size]).toEqual([16, 16]);
    for (const each of [a, b]) await each.coordinator.stop();
  });

  it('given a handover that fails after the drain, then the bucket is worked on again and handed over later', async () => {
    const { clock, member } = given();
    const [a, b] = [member('a'), member('b')];
    await a.coordinator.start();
    armFailpoints('handoff-after-drain:1:throw');
    await b.coordinator.start();
    await pass(clock, 600);
    expect(a.errors).toHaveLength(1);
    expect(a.size).toBe(17);
    await pass(clock, 3 * SECOND_MS);
    expect([a.size, b.size]).toEqual([16, 16]);
    for (const each of [a, b]) await each.coordinator.stop();
  });

  it('given a claim of which the reply is lost, then the bucket is taken anew, in a later epoch', async () => {
    const { clock, coordination, member } = given();
    coordination.claims.push({ outcome: 'unknown', cause: new Error('time-out') });
    armFailpoints('bucket-after-take:1:throw');
    const a = member('a');
    await a.coordinator.start();
    await pass(clock, 2 * SECOND_MS);
    expect(a.size).toBe(32);
    expect([...a.coordinator.held.values()].filter((epoch) => epoch === 2)).toHaveLength(1);
    await a.coordinator.stop();
  });

  it('given a bucket that somebody else owns by now, then it is let go of', async () => {
    const { clock, coordination, member } = given();
    const a = member('a');
    await a.coordinator.start();
    const rows = await coordination.buckets();
    await coordination.take(rows[3]!, 'thief');
    await pass(clock, SECOND_MS);
    expect(a.lost).toEqual(['3 taken-by-other']);
    a.coordinator.lost(4);
    a.coordinator.lost(4);
    expect(a.lost).toEqual(['3 taken-by-other', '4 taken-by-other']);
    await a.coordinator.stop();
  });

  it('given free buckets that the one they are meant for does not take, then the others take them', async () => {
    const { clock, coordination, member } = given();
    await coordination.beat({ instanceId: 'slow', beat: 1, controlRevision: 0 } satisfies Instance);
    const a = member('a');
    await a.coordinator.start();
    expect(a.size).toBe(16);
    await pass(clock, 4 * SECOND_MS);
    expect(a.size).toBe(32);
    await a.coordinator.stop();
  });

  it('given a revision to acknowledge, then the instance row carries it at once', async () => {
    const { coordination, member } = given();
    const a = member('a');
    await a.coordinator.start();
    a.coordinator.acknowledge(7);
    await settled();
    expect((await coordination.instances())[0]!.controlRevision).toBe(7);
    await a.coordinator.stop();
  });

  it('when it stops, then its buckets are free and its row is gone', async () => {
    const { coordination, member } = given();
    const a = member('a');
    await a.coordinator.start();
    await a.coordinator.stop();
    expect((await coordination.buckets()).map((row) => row.owner)).toEqual(Array(32).fill(null));
    expect(await coordination.instances()).toEqual([]);
  });

  it('when it stops in the middle of a handover, then the bucket is free for all', async () => {
    const { clock, coordination, member } = given();
    const [a, b] = [member('a'), member('b')];
    await a.coordinator.start();
    a.drains = false;
    await b.coordinator.start();
    await pass(clock, SECOND_MS);
    await a.coordinator.stop();
    expect((await coordination.buckets()).map((row) => row.owner)).toEqual(Array(32).fill(null));
    await pass(clock, SECOND_MS);
    expect(b.size).toBe(32);
    await b.coordinator.stop();
  });
});
