import { streamId, streamToken, streamVersion, streamVnodeIndex } from './stream-id.js';

describe('stream ids', () => {
  it.each([
    ['ced00000000000009663c8dc500005a1', -3544332906740580352n, 1, 90],
    ['bfffffffffffffffa15608ebf0000001', -4611686018427387905n, 1, 0],
  ])(
    '%s, of ScyllaDB, names its token, version and vnode, and is made again from them',
    (hex, token, version, vnode) => {
      const id = Buffer.from(hex, 'hex');
      expect([streamToken(id), streamVersion(id), streamVnodeIndex(id)]).toEqual([token, version, vnode]);
      const random = id.readBigUInt64BE(8) >> 26n;
      expect(streamId({ token, vnodeIndex: vnode, random }).toString('hex')).toBe(hex);
    },
  );
});
