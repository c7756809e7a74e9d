import { START_MS } from './fake-scylla.fixture.js';
import { Harness } from './reader-harness.fixture.js';

const HOUR_MS = 3_600_000;

describe('passes of the reader', () => {
  let harness: Harness;

  beforeEach(() => {
    harness = new Harness();
    harness.scylla.addGeneration(START_MS - HOUR_MS);
  });
  afterEach(() => harness.close());

  it('given a change, hands it out within the poll interval of idle times, once', async () => {
    harness.open().assignAll('now').consume();
    await harness.clock.advance(10_000);
    const writtenMs = harness.clock.monotonic();
    harness.scylla.write({ id: 1, v: 7 });
    await harness.clock.advance(20_000);
    expect(harness.received.map(({ id, v }) => [id, v])).toEqual([[1, 7]]);
    expect((harness.received[0]?.atMs ?? Infinity) - writtenMs).toBeLessThanOrEqual(500);
    expect(harness.errors).toEqual([]);
  });

  it('given changes one after the other, hands each out within the short poll interval', async () => {
    harness.open().assignAll('now').consume();
    await harness.clock.advance(5_000);
    const writtenMs: number[] = [];
    for (let v = 0; v < 50; v += 1) {
      harness.scylla.write({ id: v % 5, v });
      writtenMs.push(harness.clock.monotonic());
      await harness.clock.advance(100);
    }
    expect(harness.received.map(({ v }) => Number(v)).toSorted((a, b) => a - b)).toEqual(writtenMs.map((_, v) => v));
    const delaysMs = harness.received.map(({ v, atMs }) => atMs - (writtenMs[Number(v)] ?? 0));
    expect(Math.max(...delaysMs.slice(5))).toBeLessThanOrEqual(50);
  });

  it('given a caller who works for 40 ms at what each pass finds, begins one every 50 ms all the same', async () => {
    harness.open().assignAll('now').consume(40);
    await harness.clock.advance(5_000);
    for (let v = 0; v < 400; v += 1) {
      harness.scylla.write({ id: v, v });
      await harness.clock.advance(5);
    }
    const foundMs = [...new Set(harness.received.map(({ atMs }) => atMs))];
    const pausesMs = foundMs.slice(1).map((atMs, index) => atMs - foundMs[index]!);
    expect(new Set(pausesMs)).toEqual(new Set([50, 80])); // 80: a safe pass gives checkpoints too, and they are work
  });

  it('given changes in streams of several queries, hands out in one call what a pass finds', async () => {
    harness.open({ idsPerQueryMax: 1 }).assignAll('now').consume();
    await harness.clock.advance(5_000);
    for (let v = 0; v < 40; v += 1) harness.scylla.write({ id: v, v });
    await harness.clock.advance(500);
    expect(harness.groupsOfCalls).toEqual([40]);
  });

  it('given a row that comes after later ones, within the confidence window, hands it out by a safe pass', async () => {
    harness.open().assignAll('now').consume();
    await harness.clock.advance(5_000);
    const late = harness.scylla.nowMicros;
    await harness.clock.advance(1_500);
    harness.scylla.write({ id: 1, v: 2 });
    await harness.clock.advance(900);
    harness.scylla.write({ id: 1, v: 1, micros: late });
    await harness.clock.advance(1_000);
    expect(harness.received.map(({ v, pass }) => [v, pass])).toEqual([
      [2, expect.any(String)],
      [1, 'safe'],
    ]);
  });

  it('given that all has been handed out, reads the newest rows and only the keys of those before, in a safe pass', async () => {
    harness.open().assignAll('now').consume();
    await harness.clock.advance(5_000);
    for (let v = 0; v < 100; v += 1) {
      harness.scylla.write({ id: v, v });
      await harness.clock.advance(100);
    }
    expect(harness.passes.findLast(({ pass }) => pass === 'safe')).toMatchObject({ rows: 3, keyRows: 37 });
    expect(harness.received).toHaveLength(100);
  });

  it('given one late row among many that are known, hands out just that', async () => {
    harness.open().assignAll('now').consume();
    await harness.clock.advance(5_000);
    let late = 0n;
    for (let v = 0; v < 30; v += 1) {
      if (v === 15) late = harness.scylla.nowMicros - 1n;
      harness.scylla.write({ id: 1, v });
      await harness.clock.advance(50);
    }
    harness.scylla.write({ id: 1, v: 99, micros: late });
    await harness.clock.advance(1_500);
    expect(harness.received.map(({ v }) => v)).toEqual([...Array(30).keys(), 99]);
  });

  it('given a row that comes after the confidence window, finds it by looking back', async () => {
    const found: unknown[] = [];
    harness.open({ observer: { lateGroupsFound: (late) => found.push(late) } });
    harness.assignAll('now').consume();
    await harness.clock.advance(61_000);
    const late = harness.scylla.nowMicros;
    harness.scylla.write({ id: 1, v: 1 });
    await harness.clock.advance(60_000);
    harness.scylla.write({ id: 1, v: 2, micros: late + 1n });
    await harness.clock.advance(400_000);
    expect(harness.values).toEqual({ 1: [1] });
    await harness.clock.advance(300_000);
    expect(harness.values).toEqual({ 1: [1, 1, 2] }); // the slice once more, as repeats
    expect(harness.received.at(-1)?.pass).toBe('look-back');
    expect(found).toEqual([{ bucket: harness.received[0]?.bucket, from: '2026-11-25T19:01:00.000Z', groups: 1 }]);
  });

  it('given that nothing was late, looks back at keys only and hands out nothing', async () => {
    harness.open().assignAll('now').consume();
    for (let v = 0; v < 30; v += 1) {
      harness.scylla.write({ id: v, v });
      await harness.clock.advance(60_000);
    }
    const before = harness.scylla.count('cdc.read-log-keys');
    expect(before).toBeGreaterThan(15);
    expect(harness.received).toHaveLength(30);
    expect(harness.passes.filter(({ pass }) => pass === 'look-back').every(({ groups }) => groups === 0)).toBe(true);
    expect(Math.max(...harness.reader.status().buckets.map(({ slicesToLookBack }) => slicesToLookBack))).toBeLessThan(
      14,
    );
  });

  it('given a restart, goes on at the checkpoint and looks back at what was before it afterwards', async () => {
    harness.open().assignAll('now').consume();
    await harness.clock.advance(120_000);
    for (let v = 0; v < 5; v += 1) {
      harness.scylla.write({ id: v, v });
      await harness.clock.advance(60_000);
    }
    await harness.stop();
    await harness.reader.close();
    const missed = harness.at(150_000); // appears in the log while nobody reads, before the checkpoints
    harness.scylla.write({ id: 77, v: 901, micros: missed });
    harness.scylla.write({ id: 78, v: 902 });
    const checkpoints = new Map(harness.checkpoints);
    harness.received.length = 0;
    harness.open();
    for (const [bucket, checkpoint] of checkpoints) harness.reader.assign(bucket, checkpoint);
    harness.consume();
    await harness.clock.advance(1_000);
    expect(harness.received.map(({ v }) => v)).toEqual([902]);
    await harness.clock.advance(700_000);
    expect(harness.received.filter(({ v }) => v === 901)).toMatchObject([{ pass: 'look-back' }]);
  });

  it('given restarts at many moments, loses nothing', async () => {
    let restartMs = 0;
    for (let round = 0; round < 20; round += 1) {
      harness.open().assignAll('now').consume();
      for (const [bucket, checkpoint] of harness.checkpoints) harness.reader.assign(bucket, checkpoint);
      for (let v = 0; v < 10; v += 1) {
        harness.scylla.write({ id: v % 3, v: round * 10 + v });
        await harness.clock.advance(restartMs / 10);
      }
      restartMs += 430;
      await harness.close();
    }
    harness.open();
    for (const [bucket, checkpoint] of harness.checkpoints) harness.reader.assign(bucket, checkpoint);
    harness.consume();
    await harness.clock.advance(10_000);
    const all = new Set(harness.received.map(({ v }) => v));
    const first = Math.min(...([...all] as number[]));
    expect([...all].length).toBe(200 - first);
  });

  it('given a day without changes, catches up in a few windows', async () => {
    harness = new Harness();
    harness.scylla.addGeneration(START_MS - 24 * HOUR_MS);
    harness.scylla.write({ id: 1, v: 1, micros: harness.at(-18 * HOUR_MS) });
    harness
      .open()
      .assignAll(`v1/${START_MS - 24 * HOUR_MS}/${harness.at(-19 * HOUR_MS)}/${harness.at(-19 * HOUR_MS)}`)
      .consume();
    await harness.clock.advance(2_000);
    expect(harness.values).toEqual({ 1: [1] });
    expect(harness.passes.filter(({ pass }) => pass === 'catch-up').length).toBeLessThan(14);
    expect(harness.reader.status().buckets.every(({ lagMs }) => (lagMs ?? Infinity) < 5_000)).toBe(true);
  });

  it('given many changes behind, cuts the windows smaller and keeps each partition in order', async () => {
    for (let v = 0; v < 3_000; v += 1) {
      harness.scylla.write({ id: v % 7, v, micros: harness.at(-30 * 60_000) + BigInt(v) * 300_000n });
    }
    harness.open({ catchUpRows: 200 }).assignAll('beginning').consume();
    await harness.clock.advance(5_000);
    expect(harness.received).toHaveLength(3_000);
    for (const values of Object.values(harness.values)) {
      expect(values).toEqual(values.toSorted((a, b) => Number(a) - Number(b)));
    }
    expect(harness.passes.filter(({ pass }) => pass === 'catch-up').length).toBeGreaterThan(6);
  });

  it('given a bucket that joins far behind, lets it catch up while the others are live', async () => {
    harness.open();
    for (const bucket of [0, 1, 2]) harness.reader.assign(bucket, 'now');
    harness.consume();
    await harness.clock.advance(5_000);
    for (let id = 0; id < 20; id += 1) harness.scylla.write({ id, v: 1, micros: harness.at(-HOUR_MS / 2) });
    harness.reader.assign(3, 'beginning');
    for (let id = 0; id < 20; id += 1) harness.scylla.write({ id, v: 2 });
    await harness.clock.advance(2_000);
    expect(harness.received.filter(({ v }) => v === 2)).toHaveLength(20);
    const old = harness.received.filter(({ v }) => v === 1);
    expect(new Set(old.map(({ bucket, pass }) => `${bucket} ${pass}`))).toEqual(new Set(['3 catch-up']));
  });

  it('given buckets that others read, drops their rows', async () => {
    harness.open();
    harness.reader.assign(2, 'now');
    harness.consume();
    await harness.clock.advance(1_000);
    for (let id = 0; id < 40; id += 1) harness.scylla.write({ id, v: id });
    await harness.clock.advance(5_000);
    expect(harness.received.length).toBeGreaterThan(0);
    expect(harness.received.length).toBeLessThan(40);
    expect(harness.received.every(({ bucket }) => bucket === 2)).toBe(true);
  });

  it('gives buckets without changes a checkpoint now and then, and busy ones with each safe pass', async () => {
    const counts = new Map<number, number>();
    harness.open().assignAll('now');
    const count = async () => {
      for (const slice of await harness.reader.next()) {
        if (slice.checkpoint) counts.set(slice.bucket, (counts.get(slice.bucket) ?? 0) + 1);
      }
    };
    const loop = (async () => {
      while (harness.clock.monotonic() < 60_000) await count();
    })();
    for (let second = 0; second < 62; second += 1) {
      harness.scylla.write({ id: 1, v: second });
      await harness.clock.advance(1_000);
    }
    await loop;
    const busy = [...counts.entries()].toSorted(([, a], [, b]) => b - a)[0]?.[0] ?? -1;
    expect(counts.get(busy)).toBeGreaterThan(50);
    for (const [bucket, checkpoints] of counts) if (bucket !== busy) expect(checkpoints).toBeLessThanOrEqual(8);
  });
});
