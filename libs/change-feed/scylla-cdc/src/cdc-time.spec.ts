import { types } from 'cassandra-driver';
import { compareTimeUuids, microsOf, millisOf, minTimeUuid, uuidBytes, uuidText } from './cdc-time.js';

describe('the time of log rows', () => {
  it('trap 7.5: is read exactly, also from rows whose variant bits are random', () => {
    expect(microsOf(uuidBytes('b223c55e-6d07-11ea-7654-24e4fb3f20b9'))).toBe(1584969040910883n);
  });

  it('trap 7.6: keeps every microsecond of times whose 100 ns ticks are no safe numbers', () => {
    for (const micros of [0n, 1n, 1784969040910883n, 9007199254740993n])
      expect(microsOf(minTimeUuid(micros))).toBe(micros);
  });

  it('trap 7.1: has a bound without a counter, which is the least timeuuid of its microsecond', () => {
    const date = new Date('2026-11-25T19:03:21.123Z');
    const bound = minTimeUuid(BigInt(date.getTime()) * 1000n);
    expect(uuidText(bound).slice(18)).toBe('-8080-808080808080');
    expect(bound).toEqual(minTimeUuid(BigInt(date.getTime()) * 1000n));
    expect(new types.TimeUuid(bound).getDate()).toEqual(date);
    expect(compareTimeUuids(bound, types.TimeUuid.min(date, 0).getBuffer())).toBeLessThanOrEqual(0);
  });

  it('trap 7.2: needs no greatest timeuuid: the last one of a microsecond sorts before the bound of the next', () => {
    const last = minTimeUuid(41n);
    last.writeUInt32BE(last.readUInt32BE(0) + 9, 0);
    last.writeBigUInt64BE(0x7f7f7f7f7f7f7f7fn, 8);
    expect(compareTimeUuids(last, minTimeUuid(42n))).toBeLessThan(0);
    expect(compareTimeUuids(last, minTimeUuid(41n))).toBeGreaterThan(0);
  });

  it('trap 7.3: is selected by half-open bounds to the microsecond', () => {
    const at = (micros: bigint, low: bigint) => {
      const time = minTimeUuid(micros);
      time.writeBigUInt64BE(low, 8);
      return time;
    };
    const inside = (time: Buffer) =>
      compareTimeUuids(time, minTimeUuid(100n)) >= 0 && compareTimeUuids(time, minTimeUuid(102n)) < 0;
    expect(inside(at(99n, 0x7f7f7f7f7f7f7f7fn))).toBe(false);
    expect(inside(at(100n, 0x8080808080808080n))).toBe(true);
    expect(inside(at(101n, 0xffffffffffffffffn))).toBe(true);
    expect(inside(at(102n, 0x8080808080808080n))).toBe(false);
  });

  it('trap 7.4: orders by 60 bits of time, then by signed bytes, not as texts or buffers', () => {
    const uuid = (text: string) => uuidBytes(text);
    const ascending = [
      'ffffffff-0000-1000-8000-000000000000',
      '00000000-0001-1000-8080-808080808080',
      '00000000-0001-1000-ff00-000000000000',
      '00000000-0001-1000-00ff-000000000000',
      '00000000-0001-1000-0000-000000000000',
      '00000000-0001-1000-7f7f-7f7f7f7f7f7f',
      '00000000-0000-1001-8080-808080808080',
    ].map(uuid);
    expect(ascending.toReversed().toSorted(compareTimeUuids)).toEqual(ascending);
  });

  it('ignores the version nibble when it orders', () => {
    expect(
      compareTimeUuids(
        uuidBytes('00000000-0001-2000-8080-808080808080'),
        uuidBytes('00000000-0002-1000-8080-808080808080'),
      ),
    ).toBeLessThan(0);
  });

  it('takes timestamps as dates, texts, milliseconds or bigints, and nothing else', () => {
    const date = new Date('2026-11-25T19:03:21.123Z');
    for (const form of [date, date.toISOString(), date.getTime(), BigInt(date.getTime())])
      expect(millisOf(form)).toBe(date.getTime());
    expect(() => millisOf(null)).toThrow(TypeError);
    expect(() => millisOf('yesterday')).toThrow('yesterday is not a timestamp');
  });
});
