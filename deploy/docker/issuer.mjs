/**
 * An issuer of tokens for development: `keys` makes a key pair in KEYS_DIR unless one is there, `token SUBJECT SCOPES` prints a
 * token for an hour. Whoever reads that folder is anybody: outside development, name the key set of a real issuer.
 */
import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { SignJWT, exportJWK, generateKeyPair, importJWK } from 'jose';

const ALGORITHM = 'ES256';
const { KEYS_DIR = '/keys', AUTH_ISSUER, AUTH_AUDIENCE } = process.env;
const privateFile = join(KEYS_DIR, 'private.json');
const [command, subject, scope] = process.argv.slice(2);

if (command === 'keys') await makeKeys();
else if (command === 'token' && subject && scope && AUTH_ISSUER && AUTH_AUDIENCE) console.log(await token());
else {
  console.error('usage: keys | token SUBJECT "SCOPE …" (with AUTH_ISSUER and AUTH_AUDIENCE set)');
  process.exitCode = 64;
}

async function makeKeys() {
  if (existsSync(privateFile)) return;
  const { privateKey, publicKey } = await generateKeyPair(ALGORITHM, { extractable: true });
  const named = { kid: 'development', alg: ALGORITHM };
  const key = { ...(await exportJWK(publicKey)), ...named, use: 'sig' };
  writeFileSync(join(KEYS_DIR, 'jwks.json'), JSON.stringify({ keys: [key] }));
  writeFileSync(privateFile, JSON.stringify({ ...(await exportJWK(privateKey)), ...named }), { mode: 0o600 });
}

async function token() {
  const jwk = JSON.parse(readFileSync(privateFile, 'utf8'));
  return new SignJWT({ scope })
    .setProtectedHeader({ alg: ALGORITHM, kid: jwk.kid })
    .setIssuer(AUTH_ISSUER)
    .setAudience(AUTH_AUDIENCE)
    .setSubject(subject)
    .setIssuedAt()
    .setExpirationTime('1h')
    .sign(await importJWK(jwk, ALGORITHM));
}
