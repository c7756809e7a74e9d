import { mkdtempSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { exportJWK, generateKeyPair, SignJWT, type CryptoKey, type JWK } from 'jose';

export const ISSUER = 'https://issuer.test';
export const AUDIENCE = 'orders';

/** A token issuer with one key for each algorithm, whose key set stands in a file. */
export class Issuer {
  private readonly keys = new Map<string, CryptoKey>();
  private readonly published: JWK[] = [];
  readonly file = join(mkdtempSync(join(tmpdir(), 'issuer-')), 'keys.json');

  static async open(...algorithms: readonly string[]): Promise<Issuer> {
    const issuer = new Issuer();
    for (const algorithm of algorithms) await issuer.addKey(algorithm);
    issuer.publish();
    return issuer;
  }

  /** Makes a key whose id is `kid`; it is in the key set from the next {@link publish} on. */
  async addKey(algorithm: string, kid = algorithm): Promise<void> {
    const { privateKey, publicKey } = await generateKeyPair(algorithm, { extractable: true });
    this.keys.set(kid, privateKey);
    this.published.push({ ...(await exportJWK(publicKey)), kid, alg: algorithm });
  }

  withdraw(kid: string): void {
    this.published.splice(
      this.published.findIndex((key) => key.kid === kid),
      1,
    );
  }

  keySet(): string {
    return JSON.stringify({ keys: this.published });
  }

  publish(): void {
    writeFileSync(this.file, this.keySet());
  }

  /** A token that is good for an hour from `nowMs` on; `claims` replaces claims, undefined takes one away. */
  async sign(
    nowMs: number,
    claims: Record<string, unknown> = {},
    { alg = 'ES256', kid }: { alg?: string; kid?: string } = {},
  ): Promise<string> {
    const now = Math.floor(nowMs / 1_000);
    const all = { iss: ISSUER, aud: AUDIENCE, sub: 'somebody', exp: now + 3_600, ...claims };
    const present = Object.fromEntries(Object.entries(all).filter(([, value]) => value !== undefined));
    return new SignJWT(present).setProtectedHeader({ alg, kid: kid ?? alg }).sign(this.keys.get(kid ?? alg)!);
  }

  /** The settings of an app that trusts this issuer. */
  environment(): Record<string, string> {
    return { AUTH_MODE: 'jwt', AUTH_JWKS_FILE: this.file, AUTH_ISSUER: ISSUER, AUTH_AUDIENCE: AUDIENCE };
  }
}
