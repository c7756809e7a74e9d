import { createHash } from 'node:crypto';
import { link, mkdir, open, readFile, rm } from 'node:fs/promises';
import { join } from 'node:path';
import type { Entropy } from '@chronicle/seams';

const FILE_NAME = 'cursor.key';
const KEY_BYTES = 32;

/** The fewest characters of a configured secret. */
export const CURSOR_SECRET_LENGTH_MIN = 32;

/** The key of page cursors that is made of a configured secret: the same in every process that has the secret. */
export function cursorKeyOf(secret: string): Uint8Array {
  return createHash('sha256').update(`page cursors:${secret}`).digest();
}

/**
 * The key of page cursors that is kept in `dataDir` (made when missing), for its owner only: the same for every process of the
 * machine and after every restart. Processes that start together agree on one. Throws when the file holds something else.
 */
export async function keptCursorKey(dataDir: string, entropy: Entropy): Promise<Uint8Array> {
  const path = join(dataDir, FILE_NAME);
  return (await readKey(path)) ?? (await makeKey(dataDir, path, entropy));
}

async function makeKey(dataDir: string, path: string, entropy: Entropy): Promise<Uint8Array> {
  await mkdir(dataDir, { recursive: true });
  const draft = `${path}.${Buffer.from(entropy.bytes(8)).toString('hex')}`;
  const file = await open(draft, 'wx', 0o600);
  try {
    await file.writeFile(Buffer.from(entropy.bytes(KEY_BYTES)).toString('hex'));
    await file.sync();
    // A link never replaces: whoever comes first has made the key, and it is whole from its first moment.
    await link(draft, path).catch(unless('EEXIST'));
  } finally {
    await file.close();
    await rm(draft, { force: true });
  }
  const key = await readKey(path);
  if (key === undefined) throw new Error(`${path} was made and is gone: expected a data directory that nobody empties`);
  return key;
}

async function readKey(path: string): Promise<Uint8Array | undefined> {
  const text = await readFile(path, 'utf8').catch(unless('ENOENT'));
  if (text === undefined) return undefined;
  if (!/^[0-9a-f]{64}\s*$/.test(text)) {
    throw new Error(
      `${path} holds no key: expected ${2 * KEY_BYTES} hexadecimal digits; remove it, and open lists begin anew`,
    );
  }
  return Buffer.from(text.trim(), 'hex');
}

function unless(code: string): (error: NodeJS.ErrnoException) => undefined {
  return (error) => {
    if (error.code !== code) throw error;
    return undefined;
  };
}
