import { mkdtempSync, rmSync } from 'node:fs';
import { createServer } from 'node:net';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { runServers } from './servers-command.js';

describe('npm run servers', () => {
  let dataDir: string;
  beforeAll(() => void (dataDir = mkdtempSync(join(tmpdir(), 'servers-spec-'))));
  afterAll(async () => {
    await servers('stop', '--data-dir', dataDir);
    rmSync(dataDir, { recursive: true, force: true });
  });

  it('given nothing that runs, says so', async () => {
    expect(await servers('status', 'kafka', '--data-dir', dataDir)).toEqual({
      code: 1,
      out: [],
      progress: [`no servers of kafka were ever started on ${dataDir}`],
    });
    expect(await servers('stop', 'kafka', '--data-dir', dataDir)).toMatchObject({
      code: 0,
      progress: [expect.stringMatching(/^\[ +\d+\.\d s\] kafka: none was running$/)],
    });
  });

  it('given a start, a status, another start and a stop, tells of the same server until it is gone', async () => {
    const started = await servers('start', 'kafka', '--data-dir', dataDir, '--port-base', 'free');
    const address = /^export CHRONICLE_KAFKA=(127\.0\.0\.1:\d+)$/.exec(started.out.join('\n'))?.[1];
    expect(started.code).toBe(0);
    expect(started.progress.at(-1)).toMatch(/^\[ +\d+\.\d s\] kafka: 127\.0\.0\.1:\d+ is ready \(process \d+\)$/);

    const running = await servers('status', 'kafka', '--data-dir', dataDir);
    expect(running.code).toBe(0);
    expect(running.out).toEqual([expect.stringMatching(`^kafka +${address} +ready +\\d+ +${dataDir}/kafka/node-1$`)]);

    const again = await servers('start', 'kafka', '--data-dir', dataDir);
    expect(again).toMatchObject({ code: 0, out: started.out });
    expect((await servers('status', 'kafka', '--data-dir', dataDir)).out).toEqual(running.out);

    expect(await servers('stop', 'kafka', '--data-dir', dataDir)).toMatchObject({
      code: 0,
      progress: [expect.stringContaining(`kafka: stopped ${address}`)],
    });
    const gone = await servers('status', 'kafka', '--data-dir', dataDir);
    expect(gone.code).toBe(1);
    expect(gone.out).toEqual([expect.stringMatching(`^kafka +${address} +stopped +- `)]);
  });

  it('given a port that somebody has, names it and starts nothing', async () => {
    const other = createServer();
    await new Promise<void>((listening) => other.listen(0, '127.0.0.1', listening));
    const { port } = other.address() as AddressInfo;
    const elsewhere = join(dataDir, 'elsewhere');

    const refused = await servers('start', 'cassandra', '--data-dir', elsewhere, '--port-base', String(port));

    expect(refused.code).toBe(1);
    expect(refused.progress.at(-1)).toContain(`127.0.0.1:${port} is taken by another process`);
    expect((await servers('status', 'cassandra', '--data-dir', elsewhere)).progress).toHaveLength(1);
    await new Promise((closed) => other.close(closed));
  });

  it.each([
    [['restart'], 'expected start, stop or status, found restart'],
    [[], 'expected start, stop or status, found nothing'],
    [['start', 'redis'], 'redis: expected cassandra or kafka'],
    [['start', '--nodes', '6'], '--nodes 6: expected a number from 1 to 5'],
    [['start', '--port-base', '65530'], '--port-base 65530: expected a number from 1 to 65524'],
    [['start', '--speed', '9'], "Unknown option '--speed'"],
  ])('given %j, says what is wrong and how it is meant', async (args, message) => {
    const { code, progress } = await servers(...args);
    expect(code).toBe(2);
    expect(progress[0]).toContain(message);
    expect(progress[1]).toContain('npm run servers -- start|stop|status');
  });
});

async function servers(...args: string[]): Promise<{ code: number; out: string[]; progress: string[] }> {
  const [out, progress] = [[] as string[], [] as string[]];
  const voice = { out: (line: string) => void out.push(line), progress: (line: string) => void progress.push(line) };
  return { code: await runServers(args, '/', voice), out, progress };
}
