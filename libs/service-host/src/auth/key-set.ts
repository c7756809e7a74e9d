import { readFile } from 'node:fs/promises';
import type { Clock } from '@chronicle/seams';
import { createLocalJWKSet, errors, type JSONWebKeySet, type JWTVerifyGetKey } from 'jose';
import type { Log } from '../life/log.js';

/** Where keys come from and how often they may be asked for. */
interface KeySource {
  readonly name: string;
  /** The text of the key set. Rejects when it cannot be had. */
  read(): Promise<string>;
  /** Keys that were read this long ago are read again. */
  readonly ageMaxMs: number;
  /** A token of an unknown key makes us read again, but not more often than this, also while reading fails. */
  readonly rereadMinMs: number;
  /** Whether a request waits for keys that are only aged: when reading is quick. */
  readonly waitsWhenAged: boolean;
}

/**
 * The public keys of the issuer, from a file or a URL. When the source fails, known keys go on working and tokens of unknown
 * keys are refused.
 */
export class KeySet {
  private keys: JWTVerifyGetKey | null = null;
  private text = '';
  private readAt = -Infinity;
  private reading: Promise<void> | null = null;

  constructor(
    private readonly source: KeySource,
    private readonly clock: Clock,
    private readonly log: Log,
  ) {}

  /** Null, or why no token can be checked at present. */
  trouble(): string | null {
    return this.keys === null ? 'the key set could not be read yet' : null;
  }

  /** The key of a token, as `jose` asks for it. Rejects with an error of `jose` when there is none. */
  readonly find: JWTVerifyGetKey = async (header, token) => {
    if (this.ageMs() > this.source.ageMaxMs) await this.refreshAged();
    try {
      return await this.known()(header, token);
    } catch (error) {
      if (!(error instanceof errors.JWKSNoMatchingKey) || !this.mayReadAgain()) throw error;
      await this.refresh();
      return this.known()(header, token);
    }
  };

  /** Reads the source; several at a time share one reading. Never rejects: a failure is logged and the keys stay as they were. */
  refresh(): Promise<void> {
    this.reading ??= this.readOnce().finally(() => (this.reading = null));
    return this.reading;
  }

  private async refreshAged(): Promise<void> {
    const refreshing = this.refresh();
    if (this.keys === null || this.source.waitsWhenAged) await refreshing;
  }

  private async readOnce(): Promise<void> {
    this.readAt = this.clock.monotonic();
    try {
      const text = await this.source.read();
      if (text === this.text) return;
      this.keys = createLocalJWKSet(JSON.parse(text) as JSONWebKeySet);
      this.text = text;
      this.log.info({ source: this.source.name }, 'token keys were read');
    } catch (error) {
      this.log.warn(
        { source: this.source.name, err: error },
        'token keys could not be read; those known stay in force',
      );
    }
  }

  private known(): JWTVerifyGetKey {
    if (this.keys === null) throw new errors.JWKSNoMatchingKey();
    return this.keys;
  }

  /** A reading that is under way may be shared at any time. */
  private mayReadAgain(): boolean {
    return this.reading !== null || this.ageMs() >= this.source.rereadMinMs;
  }

  private ageMs(): number {
    return this.clock.monotonic() - this.readAt;
  }
}

/** A key set in a file. A change takes effect within a second, and at once for a key that was unknown. */
export function keyFile(path: string): KeySource {
  return { name: path, read: () => readFile(path, 'utf8'), ageMaxMs: 1_000, rereadMinMs: 100, waitsWhenAged: true };
}

const FETCH_TIMEOUT_MS = 5_000;

/** A key set behind a URL. A change takes effect within ten minutes, and within ten seconds for a key that was unknown. */
export function keyUrl(url: string): KeySource {
  return { name: url, read: () => fetchText(url), ageMaxMs: 600_000, rereadMinMs: 10_000, waitsWhenAged: false };
}

async function fetchText(url: string): Promise<string> {
  const answer = await fetch(url, {
    redirect: 'error',
    signal: AbortSignal.timeout(FETCH_TIMEOUT_MS),
    headers: { accept: 'application/json' },
  });
  if (!answer.ok) throw new Error(`GET ${url} answered ${answer.status}; expected 200 with a JSON Web Key Set`);
  return answer.text();
}
