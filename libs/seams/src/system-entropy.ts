import { randomFillSync } from 'node:crypto';
import type { Entropy } from './entropy.js';

const POOL_BYTES = 4096;
const pool = new Uint8Array(POOL_BYTES);
let used = POOL_BYTES;

/** The operating system's randomness, drawn in pools because one call a command would be felt (about 1 µs against 0.1 µs). */
export const systemEntropy: Entropy = {
  bytes(length) {
    if (used + length > POOL_BYTES) {
      randomFillSync(pool);
      used = 0;
    }
    used += length;
    return pool.slice(used - length, used);
  },
  fraction: () => Math.random(),
};
