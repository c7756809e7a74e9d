/** Randomness as the code under it sees it. Production uses {@link systemEntropy}; a simulation brings a seeded one. */
export interface Entropy {
  /** `length` random bytes (1–64), fit for identifiers that nobody may guess. */
  bytes(length: number): Uint8Array;
  /** A number in [0, 1) for jitter; not for identifiers. */
  fraction(): number;
}
