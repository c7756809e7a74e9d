import fc from 'fast-check';
import { PageCursors } from './page-cursor.js';

const key = Buffer.alloc(32, 7);
const list = 'customer_id=6f1b2c3d-4e5f-4a6b-8c7d-9e0f1a2b3c4d';
const position = { createdAt: '2026-11-25T19:03:21.123Z', orderId: '01920c5e-7a3b-7c11-9f2e-3b6d8a4c5e01' };
const cursors = new PageCursors(key);

describe('PageCursors', () => {
  it('given a sealed position, then it opens for its own list, also in another process with the same key', () => {
    const cursor = cursors.seal(list, position);
    expect(new PageCursors(Buffer.from(key)).open(list, cursor)).toEqual(position);
    expect(cursor).toMatch(/^[\w-]+$/);
  });

  it.each([
    ['of another customer', 'customer_id=00000000-0000-4000-8000-000000000000'],
    ['of another list', 'status=CREATED'],
  ])('given a cursor %s, then it does not open', (_, other) => {
    expect(cursors.open(list, cursors.seal(other, position))).toBeUndefined();
  });

  it('given a cursor sealed with another key, then it does not open', () => {
    expect(cursors.open(list, new PageCursors(Buffer.alloc(32, 8)).seal(list, position))).toBeUndefined();
  });

  it('given a sealed text that is no position, then it does not open', () => {
    expect(cursors.open(list, cursors.seal(list, { createdAt: 'yesterday', orderId: 'o-1' }))).toBeUndefined();
  });

  it('given a cursor with any one character changed, added or left out, then it does not open', () => {
    const cursor = cursors.seal(list, position);
    fc.assert(
      fc.property(fc.nat(cursor.length), fc.string({ maxLength: 1 }), fc.boolean(), (at, text, replace) => {
        const forged = cursor.slice(0, at) + text + cursor.slice(replace ? at + 1 : at);
        fc.pre(forged !== cursor);
        expect(cursors.open(list, forged)).toBeUndefined();
      }),
    );
  });

  it.each(['', '%', 'abc', 'null', `${'A'.repeat(22)}==`, 'é', 'A'.repeat(100_000)])(
    'given %.20j, then it does not open',
    (text) => {
      expect(cursors.open(list, text)).toBeUndefined();
    },
  );

  it('given a key that could be guessed, then it is refused', () => {
    expect(() => new PageCursors(Buffer.from('short'))).toThrow('found 5 bytes, expected at least 16');
  });
});
