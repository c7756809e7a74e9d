import { murmur3Token } from './murmur3-token.js';

const int = (value: number) => {
  const bytes = Buffer.alloc(4);
  bytes.writeInt32BE(value);
  return bytes;
};
/** A composite key: of each part its length, its bytes and a zero. */
const composite = (...parts: readonly Buffer[]) =>
  Buffer.concat(parts.flatMap((part) => [int(part.length).subarray(2), part, Buffer.alloc(1)]));

describe('murmur3Token', () => {
  it.each([
    ['int 0', int(0), -3485513579396041028n],
    ['int 1', int(1), -4069959284402364209n],
    ['int 2', int(2), -3248873570005575792n],
    ['int 3', int(3), 9010454139840013625n],
    ['a', Buffer.from('a'), -8839064797231613815n],
    ['hello', Buffer.from('hello'), -3758069500696749310n],
    ['text with bytes above 127', Buffer.from('äöü€'), 2224399194528489049n],
    ['(0, 0)', composite(int(0), int(0)), -5530785643908655543n],
    ['(orders, o-1)', composite(Buffer.from('orders'), Buffer.from('o-1')), -5045202764821945471n],
  ])('of %s is what the database says', (_, key, token) => expect(murmur3Token(key)).toBe(token));
});
