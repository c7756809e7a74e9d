import { writeFileSync } from 'node:fs';
import { SignJWT, exportJWK, generateKeyPair } from 'jose';
import type { CryptoKey } from 'jose';

const ISSUER = 'https://issuer.test';
const AUDIENCE = 'chronicle';
const KEY_ID = 'one';

/** An issuer of tokens, whose public key stands in a file. */
export class TokenIssuer {
  static async create(jwksFile: string): Promise<TokenIssuer> {
    const { privateKey, publicKey } = await generateKeyPair('ES256', { extractable: true });
    const key = { ...(await exportJWK(publicKey)), kid: KEY_ID, alg: 'ES256', use: 'sig' };
    writeFileSync(jwksFile, JSON.stringify({ keys: [key] }));
    return new TokenIssuer(privateKey, {
      AUTH_MODE: 'jwt',
      AUTH_JWKS_FILE: jwksFile,
      AUTH_ISSUER: ISSUER,
      AUTH_AUDIENCE: AUDIENCE,
    });
  }

  private constructor(
    private readonly key: CryptoKey,
    /** What makes the apps trust this issuer. */
    readonly environment: Readonly<Record<string, string>>,
  ) {}

  /** A good token of `subject`, with other claims where a test says so. */
  token(subject: string, scope: string, claims: Record<string, unknown> = {}): Promise<string> {
    const now = Math.floor(Date.now() / 1000);
    const payload = { iss: ISSUER, aud: AUDIENCE, sub: subject, iat: now, exp: now + 600, scope, ...claims };
    return new SignJWT(payload).setProtectedHeader({ alg: 'ES256', kid: KEY_ID }).sign(this.key);
  }
}
