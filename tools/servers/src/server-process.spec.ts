import { spawn } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { identityOf, isAlive } from '@chronicle/process-identity';
import { ServerProcess } from './server-process.js';

const BUILT = join(import.meta.dirname, '../dist/server-process.js');

describe('the process of a server', () => {
  let folder: string;
  beforeAll(() => void (folder = mkdtempSync(join(tmpdir(), 'process-spec-'))));
  afterAll(() => rmSync(folder, { recursive: true, force: true }));

  it('given an owner that is killed, ends with it', async () => {
    const server = await launchedByAnotherProcess({ outlive: false });
    expect(await server.waitForEnd(10_000)).toBe(true);
  });

  it('given an owner that is killed and a server meant to outlive it, runs on', async () => {
    const server = await launchedByAnotherProcess({ outlive: true });
    expect(await server.waitForEnd(500)).toBe(false);
    await server.stop(5_000);
  });

  it('given a process that ignores the request to end, is killed', async () => {
    const server = await launch('sh', ['-c', 'trap "" TERM; while :; do sleep 0.1; done']);
    await server.stop(300);
    expect(server.isAlive()).toBe(false);
  });

  it('given a paused process, is stopped all the same', async () => {
    const server = await launch('sleep', ['60']);
    server.signal('SIGSTOP');
    await server.stop(5_000);
    expect(server.isAlive()).toBe(false);
  });

  it('given another process with the same id, neither takes it for its own nor signals it', async () => {
    const server = await launch('sleep', ['60']);
    const earlier = new ServerProcess({ ...server.identity, startedAtTick: '1' });
    expect(earlier.isAlive()).toBe(false);
    earlier.signal('SIGKILL');
    expect(server.isAlive()).toBe(true);
    await server.stop(5_000);
  });

  it('given a command that does not exist, throws', async () => {
    await expect(launch('/nowhere/bin/java', [])).rejects.toMatchObject({ code: 'ENOENT' });
  });

  function launch(command: string, args: string[]): Promise<ServerProcess> {
    return ServerProcess.launch({ command, args, logFile: join(folder, 'output.log'), outlive: false });
  }

  /** Has another process launch a server, and kills that process. */
  async function launchedByAnotherProcess({ outlive }: { outlive: boolean }): Promise<ServerProcess> {
    const options = { command: 'sleep', args: ['60'], logFile: join(folder, 'output.log'), outlive };
    const program = `const { ServerProcess } = await import(${JSON.stringify(BUILT)});
      const server = await ServerProcess.launch(${JSON.stringify(options)});
      console.log(server.pid); setInterval(() => {}, 1000);`;
    const owner = spawn(process.execPath, ['--input-type=module', '-e', program], {
      stdio: ['ignore', 'pipe', 'inherit'],
      env: { ...process.env, NODE_OPTIONS: '' },
    });
    const pid = await new Promise<number>((told) => owner.stdout.once('data', (text) => told(Number(text))));
    const server = new ServerProcess(identityOf(pid));
    expect(isAlive(server.identity)).toBe(true);
    owner.kill('SIGKILL');
    return server;
  }
});
