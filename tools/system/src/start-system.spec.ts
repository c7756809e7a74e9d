import { mkdtempSync, rmSync } from 'node:fs';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { AppDefinition } from './apps.js';
import { eventually } from './eventually.js';
import { fakeApps } from './fake-apps.js';
import { HttpClient } from './http-client.js';
import { HOST, freeBasePort, isPortFree } from './ports.js';
import { startSystem } from './start-system.js';
import type { System, SystemOptions } from './start-system.js';
import { AppFailedError, PortsTakenError } from './supervisor.js';
import { DataDirInUseError, readRunningSystem } from './system-file.js';

let dataDir: string;
let system: System | undefined;

beforeEach(() => (dataDir = mkdtempSync(join(tmpdir(), 'system-'))));
afterEach(async () => {
  await system?.stop();
  system = undefined;
  rmSync(dataDir, { recursive: true });
});

describe('a running system', () => {
  it('has every app ready, with its port, the data directory and the environment of the caller', async () => {
    const running = await start(fakeApps({ FAKE_READY_AFTER_MS: '300' }, { OWN: 'yes' }), {
      env: { LOG_LEVEL: 'debug' },
    });
    const environment = await environmentOf(running, 'fake-2');
    expect(environment).toMatchObject({ DATA_DIR: dataDir, HOST, LOG_LEVEL: 'debug', OWN: 'yes' });
    expect(environment.PORT).toBe(String(running.basePort + 1));
    expect(running.logs('fake-1')).toContain(`fake-app: listening on ${running.basePort}`);
  });

  it('tells tools its pids and ports through system.json, until it has stopped', async () => {
    const running = await start(fakeApps({}, {}));
    expect(readRunningSystem(dataDir)).toMatchObject({
      supervisor: { pid: process.pid },
      engine: 'embedded',
      basePort: running.basePort,
      apps: [
        { name: 'fake-1', pid: running.pid('fake-1'), port: running.basePort },
        { name: 'fake-2', pid: running.pid('fake-2'), url: running.url('fake-2') },
      ],
    });
    await running.stop();
    expect(readRunningSystem(dataDir)).toBeUndefined();
  });

  it('given an app that is killed, starts it again within 5 s and says why', async () => {
    const running = await start(fakeApps({}));
    const before = running.pid('fake-1');
    await running.kill('fake-1', 'SIGKILL');
    await eventually(() => expect(running.pid('fake-1')).toBeDefined(), 5000);
    await running.whenReady();
    expect(running.pid('fake-1')).not.toBe(before);
    expect(running.logs('fake-1')).toContain(
      '[supervisor] ended by itself (signal SIGKILL); starting it again in 100 ms',
    );
    expect(readRunningSystem(dataDir)?.apps[0]?.pid).toBe(running.pid('fake-1'));
  });

  it('given an app that ends by itself again and again, waits longer each time', async () => {
    const running = await start(fakeApps({}));
    for (const waitMs of [100, 200, 400]) {
      await new HttpClient(running.url('fake-1')).get('/exit').catch(() => {});
      await eventually(() =>
        expect(running.logs('fake-1')).toContain(
          `[supervisor] ended by itself (exit code 3); starting it again in ${waitMs} ms`,
        ),
      );
      await running.whenReady();
    }
  });

  it('given FAILPOINT, gives it to the first process of an app and not to the next', async () => {
    const running = await start(fakeApps({}), { env: { FAILPOINT: 'after-commit:1:exit' } });
    expect((await environmentOf(running, 'fake-1')).FAILPOINT).toBe('after-commit:1:exit');
    await running.kill('fake-1', 'SIGKILL');
    await running.whenReady();
    expect(await environmentOf(running, 'fake-1')).not.toHaveProperty('FAILPOINT');
  });

  it('can hold an app, and start it again with an environment of its own', async () => {
    const running = await start(fakeApps({}));
    await running.hold('fake-1');
    expect(running.pid('fake-1')).toBeUndefined();
    expect(await isPortFree(running.basePort)).toBe(true);
    await running.start('fake-1', { FAILPOINT: 'before-reply:1:exit' });
    expect((await environmentOf(running, 'fake-1')).FAILPOINT).toBe('before-reply:1:exit');
  });

  it('given an app that does not end, kills it after the grace and leaves no port open', async () => {
    const running = await start(fakeApps({ FAKE_DRAIN_MS: 'never' }, {}));
    await running.stop(200);
    expect(running.logs('fake-1')).toContain('[supervisor] did not end within 0.2 s of SIGTERM: killing it');
    expect(await isPortFree(running.basePort)).toBe(true);
    expect(await isPortFree(running.basePort + 1)).toBe(true);
  });

  it('given an app that is stopped by SIGSTOP, still ends it in order', async () => {
    const running = await start(fakeApps({}));
    await running.kill('fake-1', 'SIGSTOP');
    await running.stop();
    expect(running.logs('fake-1')).toContain('fake-app: SIGTERM');
  });
});

describe('a system that cannot start', () => {
  it('given an app that never becomes ready, names it and why', async () => {
    await expect(start(fakeApps({ FAKE_READY_AFTER_MS: '60000' }), { readyTimeoutMs: 500 })).rejects.toThrow(
      'fake-1 is not ready: answers 503: {"status":"warming up"}',
    );
  });

  it('given an app that ends at once each time, gives up and shows what it said', async () => {
    const starting = start(fakeApps({}, { FAKE_EXIT_AT_START: '1' }));
    await expect(starting).rejects.toThrow('fake-2 cannot start: it ended 3 times in a row (exit code 1)');
    await expect(starting).rejects.toThrow('fake-app: refuses to start');
  });

  it('given an app whose configuration cannot be used, gives up at once', async () => {
    const starting = start(fakeApps({}, { FAKE_EXIT_AT_START: '78' }));
    await expect(starting).rejects.toThrow('fake-2 cannot start: it ended (exit code 78); its last lines say why');
  });

  it('given an app that is not built, says so before anything runs', async () => {
    const missing = { ...fakeApps({})[0]!, entry: '/missing/dist/main.js' };
    const starting = start([missing]);
    await expect(starting).rejects.toThrow(AppFailedError);
    await expect(starting).rejects.toThrow('fake-1 is not built: /missing/dist/main.js is missing');
  });

  it('given a port that somebody else has, names it and its app, and gives the data directory back', async () => {
    const apps = fakeApps({}, {});
    const basePort = await freeBasePort(apps);
    const other = createServer().listen(basePort + 1, HOST);
    await expect(start(apps, { basePort })).rejects.toThrow(
      new PortsTakenError([{ app: 'fake-2', port: basePort + 1 }]).message,
    );
    await new Promise((closed) => other.close(closed));
    await start(apps, { basePort });
  });

  it('given a data directory of a running system, refuses it', async () => {
    await start(fakeApps({}));
    await expect(startSystem({ dataDir, apps: fakeApps({}) })).rejects.toThrow(DataDirInUseError);
  });
});

async function start(apps: readonly AppDefinition[], options: Partial<SystemOptions> = {}): Promise<System> {
  system = await startSystem({ dataDir, apps, ...options });
  return system;
}

async function environmentOf(running: System, app: string): Promise<Record<string, string>> {
  const answer = await new HttpClient(running.url(app)).get('/environment');
  return JSON.parse(answer.text) as Record<string, string>;
}
