import { START_MS } from './fake-scylla.fixture.js';
import { Harness } from './reader-harness.fixture.js';

/** mulberry32: a failing seed replays. */
function random(seed: number): () => number {
  let state = seed;
  return () => {
    state = (state + 0x6d2b79f5) | 0;
    let t = Math.imul(state ^ (state >>> 15), 1 | state);
    t = (t + Math.imul(t ^ (t >>> 7), 61 | t)) ^ t;
    return ((t ^ (t >>> 14)) >>> 0) / 4294967296;
  };
}

/** More, from any seed on: `SCHEDULES=500 FIRST_SEED=1000`. */
const SEEDS = Number(process.env.SCHEDULES ?? 12);
const FIRST_SEED = Number(process.env.FIRST_SEED ?? 1);
const STEPS = 150;

describe('whatever happens in the log, the network and to the reader', () => {
  /** Rows come late, twice and in any order; generations change; queries fail; clocks differ; readers are replaced. */
  async function run(seed: number): Promise<void> {
    const draw = random(seed);
    const chance = (probability: number) => draw() < probability;
    const harness = new Harness();
    const { scylla, clock } = harness;
    if (chance(0.5)) scylla.initialTablets = 0;
    if (chance(0.3)) scylla.pageRows = 3;
    if (chance(0.3)) scylla.nodes.set('n2:9042', Math.floor(draw() * 800) - 400);
    scylla.addGeneration(START_MS - 3_600_000, 1 + Math.floor(draw() * 6));
    const failure = chance(0.5) ? 0.02 : 0;
    scylla.before = () => {
      if (chance(failure)) throw new Error('no answer');
    };
    const buckets = 1 + Math.floor(draw() * 5);
    const settings = {
      bucketCount: buckets,
      lookBackMs: 30_000,
      lookBackSliceMs: 5_000,
      knownGroupsMax: 50,
      catchUpRows: 50,
    };
    const open = () => {
      harness.open(settings).assignAll('beginning');
      for (const [bucket, checkpoint] of harness.checkpoints) harness.reader.assign(bucket, checkpoint);
      harness.consume();
    };
    open();
    const pending: { dueMs: number; write: () => void }[] = [];
    const pass = async (ms: number) => {
      for (const endMs = clock.monotonic() + ms; clock.monotonic() < endMs;) {
        await clock.advance(Math.min(300, endMs - clock.monotonic()));
        const due = pending.filter(({ dueMs }) => dueMs <= clock.monotonic());
        pending.splice(0, pending.length, ...pending.filter((write) => !due.includes(write)));
        for (const { write } of due) write();
      }
    };
    let v = 0;
    let switchMs = 0;
    for (let step = 0; step < STEPS; step += 1) {
      const nowMs = clock.monotonic();
      if (nowMs > switchMs && chance(0.03)) {
        switchMs = nowMs + 40_000;
        scylla.addGeneration(START_MS + Math.ceil(switchMs), 1 + Math.floor(draw() * 6));
      }
      for (let n = Math.floor(draw() * 4); n > 0; n -= 1) {
        const write = {
          id: Math.floor(draw() * 9),
          v: (v += 1),
          micros: scylla.nowMicros + BigInt(Math.floor(draw() * 500) - 250),
        };
        const lateMs = chance(0.02) ? draw() * 20_000 : chance(0.3) ? draw() * 1_900 : 0;
        pending.push({ dueMs: nowMs + lateMs, write: () => scylla.write(write) });
        if (chance(0.05)) pending.push({ dueMs: nowMs + draw() * 3_000, write: () => scylla.write(write) }); // another uuid
      }
      if (chance(0.02)) {
        await harness.close();
        if (chance(0.3)) await pass(draw() * 40_000);
        open();
      }
      if (chance(0.02)) {
        const bucket = Math.floor(draw() * buckets);
        harness.reader.assign(bucket, harness.checkpoints.get(bucket) ?? 'beginning');
      }
      await pass(draw() * 900);
    }
    scylla.before = () => undefined;
    await pass(80_000);
    await harness.close();
    const received = new Set(harness.received.map((change) => change.v));
    const lost = Array.from({ length: v }, (_, index) => index + 1).filter((value) => !received.has(value));
    expect({
      seed,
      lost,
      strange: harness.errors.filter((error) => !('retryable' in error && error.retryable)),
    }).toEqual({
      seed,
      lost: [],
      strange: [],
    });
    const homes = new Map<number, number>();
    for (const { id, bucket } of harness.received) {
      expect({ seed, id, bucket: homes.get(id) ?? bucket }).toEqual({ seed, id, bucket });
      homes.set(id, bucket);
    }
  }

  it(`loses nothing and keeps every key in its bucket (${SEEDS} schedules)`, async () => {
    for (let seed = FIRST_SEED; seed < FIRST_SEED + SEEDS; seed += 1) await run(seed);
  });
});
