import { mkdtempSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { systemEntropy } from '@chronicle/seams';
import { ConfigError, createApp } from '@chronicle/service-host';
import { cursorKeyOf, keptCursorKey } from './cursor-key.js';
import { queryService } from './query-service.js';

describe('keptCursorKey', () => {
  let folder: string;
  beforeEach(() => (folder = mkdtempSync(join(tmpdir(), 'cursor-key-'))));
  afterEach(() => rmSync(folder, { recursive: true }));

  it('given no key, then one is made, for its owner only, and kept', async () => {
    const dataDir = join(folder, 'not', 'there');
    const key = await keptCursorKey(dataDir, systemEntropy);
    expect(key).toHaveLength(32);
    expect(await keptCursorKey(dataDir, systemEntropy)).toEqual(key);
    expect(statSync(join(dataDir, 'cursor.key')).mode & 0o777).toBe(0o600);
    expect(readdirSync(dataDir)).toEqual(['cursor.key']);
  });

  it('given many that start together, then they agree on one', async () => {
    const keys = await Promise.all(Array.from({ length: 20 }, () => keptCursorKey(folder, systemEntropy)));
    expect(new Set(keys.map((key) => Buffer.from(key).toString('hex'))).size).toBe(1);
    expect(readFileSync(join(folder, 'cursor.key'), 'utf8')).toBe(Buffer.from(keys[0]!).toString('hex'));
  });

  it.each(['', 'abc', 'z'.repeat(64)])('given a file that holds %j, then it says what to do', async (text) => {
    writeFileSync(join(folder, 'cursor.key'), text);
    await expect(keptCursorKey(folder, systemEntropy)).rejects.toThrow('holds no key: expected 64 hexadecimal digits');
  });
});

describe('CURSOR_SECRET', () => {
  it('given equal secrets, then equal keys; given others, then others', () => {
    expect(cursorKeyOf('a'.repeat(32))).toEqual(cursorKeyOf('a'.repeat(32)));
    expect(cursorKeyOf('a'.repeat(32))).not.toEqual(cursorKeyOf('b'.repeat(32)));
  });

  it('given one that is too short, then the app does not start, and the message does not show it', async () => {
    const starting = createApp(queryService, { env: { CURSOR_SECRET: 'hunter2' } });
    await expect(starting).rejects.toThrow(ConfigError);
    await expect(starting).rejects.toThrow(/CURSOR_SECRET is a text of 7 characters; expected at least 32/);
    await expect(starting).rejects.not.toThrow('hunter2');
  });
});
