import type { Clock } from '@chronicle/seams';
import { Problem } from '../problem.js';
import type { Principal } from '../auth/principal.js';

/** So many callers are remembered; beyond it the one that called least recently starts with a full bucket again. */
export const CALLERS_MAX = 10_000;

interface Bucket {
  tokens: number;
  filledAt: number;
}

/**
 * A token bucket for each caller (issuer and subject): `perSecond` requests may come at once, and so many come back each
 * second. Counts the requests of this process only.
 */
export class RateLimit {
  private readonly buckets = new Map<string, Bucket>();

  constructor(
    private readonly perSecond: number,
    private readonly clock: Clock,
  ) {}

  /** Takes one request of the caller, or throws `too-many-requests` with the whole seconds until the next may come. */
  take({ issuer, subject }: Principal): void {
    const caller = JSON.stringify([issuer, subject]);
    const bucket = this.bucketOf(caller);
    const now = this.clock.monotonic();
    bucket.tokens = Math.min(this.perSecond, bucket.tokens + ((now - bucket.filledAt) / 1_000) * this.perSecond);
    bucket.filledAt = now;
    if (bucket.tokens < 1) {
      const seconds = Math.max(1, Math.ceil((1 - bucket.tokens) / this.perSecond));
      throw new Problem(
        'too-many-requests',
        `more than ${this.perSecond} requests per second`,
        {},
        { 'retry-after': String(seconds) },
      );
    }
    bucket.tokens -= 1;
  }

  private bucketOf(caller: string): Bucket {
    const bucket = this.buckets.get(caller) ?? { tokens: this.perSecond, filledAt: this.clock.monotonic() };
    // A Map keeps the order of insertion: taking out and putting in again makes the first entry the least recent one.
    this.buckets.delete(caller);
    this.buckets.set(caller, bucket);
    if (this.buckets.size > CALLERS_MAX) this.buckets.delete(this.buckets.keys().next().value!);
    return bucket;
  }
}
