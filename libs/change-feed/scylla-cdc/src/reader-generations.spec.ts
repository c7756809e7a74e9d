import { GenerationUnreadableError, LogUnavailableError } from './errors.js';
import { START_MS } from './fake-scylla.fixture.js';
import { Harness } from './reader-harness.fixture.js';

const MINUTE_MS = 60_000;
const isLog = (name: string) => name === 'cdc.read-log' || name === 'cdc.read-log-keys';

describe.each([
  ['vnodes', null],
  ['tablets', 4],
])('log generations on %s', (_, initialTablets) => {
  let harness: Harness;
  let v = 0;
  const writeSome = (ids = 10) => {
    for (let id = 0; id < ids; id += 1) harness.scylla.write({ id, v: (v += 1) });
  };
  const expectAllInOrder = () => {
    expect(harness.received).toHaveLength(v);
    for (const values of Object.values(harness.values)) {
      expect(values).toEqual(values.toSorted((a, b) => Number(a) - Number(b)));
    }
  };

  beforeEach(() => {
    v = 0;
    harness = new Harness();
    harness.scylla.initialTablets = initialTablets;
    harness.scylla.addGeneration(START_MS - 10 * MINUTE_MS);
  });
  afterEach(() => harness.close());

  it('given a switch that was announced, hands out everything once, in order, at the usual pace', async () => {
    harness.open().assignAll('now').consume();
    await harness.clock.advance(1_000);
    harness.scylla.addGeneration(START_MS + 66_000, 8);
    const writtenMs: number[] = [];
    for (let step = 0; step < 200; step += 1) {
      if (step === 130) harness.scylla.addGeneration(START_MS + 132_000 + 65_000, 2);
      writeSome();
      writtenMs.push(harness.clock.monotonic());
      await harness.clock.advance(1_000);
    }
    expectAllInOrder();
    const slowest = harness.received.map(
      (change) => change.atMs - (writtenMs[Math.floor((Number(change.v) - 1) / 10)] ?? 0),
    );
    expect(Math.max(...slowest.slice(10))).toBeLessThanOrEqual(500);
    expect(harness.reader.status().generations).toHaveLength(3);
  });

  it('given that changes go on while a pass has read the old streams and not the new ones, keeps their order', async () => {
    harness.open().assignAll('now').consume();
    await harness.clock.advance(1_000);
    const switchMs = 66_000;
    harness.scylla.addGeneration(START_MS + switchMs, 8);
    const old = harness.scylla.streamFor(1, harness.at(0));
    await harness.clock.advance(switchMs - 1_200);
    let written = false;
    harness.scylla.before = ({ name }, _, [ids]) => {
      const readsNew = name === 'cdc.read-log' && !(ids as readonly Buffer[]).some((id) => id.equals(old));
      if (written || !readsNew) return;
      written = true; // by a client who had the first answer before it sent the second write
      harness.scylla.write({ id: 1, v: (v += 1), micros: harness.at(switchMs) - 1n });
      harness.scylla.write({ id: 1, v: (v += 1), micros: harness.at(switchMs) });
    };
    await harness.clock.advance(10_000);
    expect(written).toBe(true);
    expectAllInOrder();
  });

  it('given a restart long after a switch, reads both sides of it in order', async () => {
    harness.scylla.addGeneration(START_MS - 5 * MINUTE_MS, 8);
    for (let at = -9 * MINUTE_MS; at < -MINUTE_MS; at += 5_000) {
      for (let id = 0; id < 4; id += 1) harness.scylla.write({ id, v: (v += 1), micros: harness.at(at) });
    }
    harness.open({ catchUpWindowMs: 20_000, catchUpRows: 40 }).assignAll('beginning').consume();
    await harness.clock.advance(3_000);
    expectAllInOrder();
  });

  it('given streams that go on unchanged, reads on in them', async () => {
    const [first] = harness.scylla.generations;
    harness.open().assignAll('now').consume();
    harness.scylla.generations.push({ beginMs: START_MS + 60_000, groups: first?.groups.slice() ?? [] });
    for (let step = 0; step < 90; step += 1) {
      writeSome();
      await harness.clock.advance(1_000);
    }
    expectAllInOrder();
  });

  it('trap 8.4: given a row that was written into a closed stream, finds it, during the switch and long after', async () => {
    harness.open().assignAll('now').consume();
    await harness.clock.advance(1_000);
    const closed = harness.scylla.streamFor(1, harness.at(0));
    harness.scylla.addGeneration(START_MS + 61_000, 8);
    await harness.clock.advance(61_000);
    harness.scylla.write({ id: 1, v: 101, stream: closed }); // a writer that has not noticed the switch
    await harness.clock.advance(4_000);
    expect(harness.values).toEqual({ 1: [101] });
    await harness.clock.advance(5 * MINUTE_MS);
    harness.scylla.write({ id: 1, v: 102, stream: closed });
    await harness.clock.advance(2 * MINUTE_MS);
    harness.scylla.write({
      id: 2,
      v: 103,
      micros: harness.at(30_000),
      stream: harness.scylla.streamFor(2, harness.at(0)),
    });
    await harness.clock.advance(14 * MINUTE_MS);
    expect(new Set(harness.received.map(({ v }) => v))).toEqual(new Set([101, 102, 103]));
    expect(harness.errors).toEqual([]);
  });

  it('trap 8.4: given a generation without streams, waits at its begin, says so, and reads it all when it is there', async () => {
    const unreadable: string[] = [];
    harness.open({ observer: { generationUnreadable: ({ message }) => unreadable.push(message) } });
    harness.assignAll('now').consume();
    await harness.clock.advance(1_000);
    const next = harness.scylla.addGeneration(START_MS + 66_000, 8);
    const groups = next.groups.splice(0);
    await harness.clock.advance(70_000);
    next.groups.push(...groups);
    writeSome();
    next.groups.splice(0);
    await harness.clock.advance(50_000);
    expect(harness.received).toEqual([]);
    expect(unreadable[0]).toContain('2026-11-25T19:01:06.000Z is not readable yet: it has no streams');
    expect(harness.errors[0]).toBeInstanceOf(GenerationUnreadableError);
    expect(harness.reader.status().buckets.map(({ safeUntil }) => safeUntil)).toEqual(
      Array(4).fill('2026-11-25T19:01:06.000Z'),
    );
    next.groups.push(...groups);
    await harness.clock.advance(10_000);
    expectAllInOrder();
    const checkpoints = [...harness.checkpoints.values()];
    expect(checkpoints.every((text) => text.startsWith(`v1/${START_MS + 66_000}/`))).toBe(true);
  });

  it('given that metadata cannot be read, hands out as before; only checkpoints stop where a generation could begin', async () => {
    const failed: string[] = [];
    harness.open({ observer: { metadataFailed: ({ message }) => failed.push(message) } });
    harness.assignAll('now').consume();
    await harness.clock.advance(5_000);
    harness.scylla.before = ({ name }) => {
      if (!isLog(name)) throw new Error('no replica');
    };
    for (let step = 0; step < 300; step += 1) {
      writeSome(2);
      await harness.clock.advance(1_000);
    }
    expectAllInOrder();
    expect(harness.errors).toEqual([]);
    expect(failed.length).toBeGreaterThan(10);
    const safe = harness.reader.status().buckets.map(({ safeUntil }) => Date.parse(safeUntil ?? '') - START_MS);
    expect(Math.max(...safe)).toBeLessThanOrEqual(5_000 + 30_000);
    for (const text of harness.checkpoints.values())
      expect(BigInt(text.split('/')[2] ?? 0)).toBeLessThanOrEqual(harness.at(35_000));
  });

  it('given a generation that is learnt of too late, goes back to its begin and says so', async () => {
    const late: unknown[] = [];
    harness.open({ observer: { generationFoundLate: (begin, buckets) => late.push([begin, buckets]) } });
    harness.assignAll('now').consume();
    await harness.clock.advance(60_000);
    harness.scylla.addGeneration(START_MS + 40_000, 8);
    for (let id = 0; id < 6; id += 1) harness.scylla.write({ id, v: (v += 1), micros: harness.at(45_000) });
    await harness.clock.advance(15_000);
    expect(late).toEqual([['2026-11-25T19:00:40.000Z', 4]]);
    expectAllInOrder();
  });

  it('given a generation that is learnt of too late, in the middle of a pass that reads beyond its begin, reads it all', async () => {
    harness.open({ retryDelayMaxMs: 100 }).assignAll('now').consume();
    await harness.clock.advance(42_000);
    harness.scylla.before = ({ name }) => {
      if (isLog(name)) throw new Error('no replica'); // so the safe lines stay before 40 s
    };
    await harness.clock.advance(5_000);
    let open = () => {};
    const gate = new Promise<void>((resolve) => (open = resolve));
    harness.scylla.before = ({ name }) => (isLog(name) ? gate : undefined);
    await harness.clock.advance(1_500);
    harness.scylla.addGeneration(START_MS + 40_000, 8);
    for (let id = 0; id < 6; id += 1) harness.scylla.write({ id, v: (v += 1), micros: harness.at(41_000) });
    await harness.clock.advance(3_000);
    expect(harness.reader.status().generations).toHaveLength(2);
    expect(harness.received).toEqual([]);
    open();
    await harness.clock.advance(6_000);
    expectAllInOrder();
  });

  it('given a checkpoint that knew nothing of a generation before it, begins where that begins', async () => {
    harness.scylla.addGeneration(START_MS - 3 * MINUTE_MS, 8);
    for (let id = 0; id < 6; id += 1) harness.scylla.write({ id, v: (v += 1), micros: harness.at(-2 * MINUTE_MS) });
    harness.open({ lookBackMs: 0 });
    harness.assignAll(`v1/${START_MS - 10 * MINUTE_MS}/${harness.at(-MINUTE_MS)}/${harness.at(-MINUTE_MS)}`).consume();
    await harness.clock.advance(3_000);
    expectAllInOrder();
  });

  it('given a checkpoint of a generation that is not there, waits for it and never skips', async () => {
    harness
      .open()
      .assignAll(`v1/${START_MS - 3 * MINUTE_MS}/${harness.at(-MINUTE_MS)}/${harness.at(-MINUTE_MS)}`)
      .consume();
    harness.scylla.write({ id: 1, v: 0, micros: harness.at(-2 * MINUTE_MS) });
    await harness.clock.advance(60_000);
    expect(harness.errors[0]?.message).toContain('a checkpoint names it, the metadata tables do not');
    expect(harness.received).toEqual([]);
    harness.scylla.addGeneration(START_MS - 3 * MINUTE_MS, 8);
    harness.scylla.write({ id: 1, v: (v += 1), micros: harness.at(-30_000) });
    await harness.clock.advance(11_000);
    expectAllInOrder();
  });

  it('given no generation at all, says so in the end, and begins when there is one', async () => {
    harness.scylla.generations.splice(0);
    harness.open().assignAll('now').consume();
    await harness.clock.advance(29_000);
    expect(harness.errors).toEqual([]);
    await harness.clock.advance(10_000);
    expect(harness.errors[0]).toEqual(new GenerationUnreadableError(null, 'the metadata tables name none'));
    harness.scylla.addGeneration(START_MS + 10_000, 4);
    await harness.clock.advance(10_000);
    writeSome();
    await harness.clock.advance(2_000);
    expectAllInOrder();
  });

  it('given that nothing at all can be read, tells the caller, and begins when it can', async () => {
    harness.scylla.before = () => {
      throw new Error('no host');
    };
    harness.open().assignAll('now').consume();
    await harness.clock.advance(1_000);
    expect(harness.errors[0]).toBeInstanceOf(LogUnavailableError);
    harness.scylla.before = () => undefined;
    await harness.clock.advance(6_000);
    writeSome();
    await harness.clock.advance(1_000);
    expectAllInOrder();
  });
});
