import { spawn } from 'node:child_process';
import type { ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { mkdirSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { REPOSITORY_ROOT } from './apps.js';
import type { AppDefinition } from './apps.js';
import { eventually } from './eventually.js';
import { fakeApps } from './fake-apps.js';
import { freeBasePort, isPortFree } from './ports.js';
import { readRunningSystem } from './system-file.js';

/** `npm start` with other apps: what `dist/start.js` does. */
const DIST = join(REPOSITORY_ROOT, 'tools/system/dist');
const PROGRAM = `
  import { runStart } from '${pathToFileURL(join(DIST, 'start-command.js')).href}';
  import { exitAfterOutput } from '${pathToFileURL(join(DIST, 'exit-after-output.js')).href}';
  const [apps, ...args] = process.argv.slice(1);
  exitAfterOutput(await runStart(args, process.env, JSON.parse(apps)));
`;

let dataDir: string;
const started: ChildProcess[] = [];

beforeEach(() => (dataDir = mkdtempSync(join(tmpdir(), 'start-'))));
afterEach(() => {
  for (const child of started.splice(0)) child.kill('SIGKILL');
  rmSync(dataDir, { recursive: true, force: true });
});

describe('npm start', () => {
  it.each(['SIGTERM', 'SIGINT', 'SIGHUP'] as const)('given %s, ends with 0 and leaves no port open', async (signal) => {
    const run = await runUntilReady(fakeApps({ FAKE_DRAIN_MS: '50' }, {}));
    run.child.kill(signal);
    expect(await run.ended).toEqual([0, null]);
    expect(run.text()).toContain(`system | stopping (${signal})\n`);
    expect(await portsFree(run.basePort)).toBe(true);
    expect(readRunningSystem(dataDir)).toBeUndefined();
  });

  it('given a second Ctrl-C, kills at once', async () => {
    const run = await runUntilReady(fakeApps({ FAKE_DRAIN_MS: 'never' }, {}));
    run.child.kill('SIGINT');
    await eventually(() => expect(run.text()).toContain('fake-1 | fake-app: SIGTERM'));
    await new Promise((later) => setTimeout(later, 1100));
    run.child.kill('SIGINT');
    expect(await run.ended).toEqual([0, null]);
    expect(run.text()).toContain('system | asked again: killing what still runs\n');
    expect(await portsFree(run.basePort)).toBe(true);
  });

  it('given a stop before it is ready, ends with 0', async () => {
    const run = await launch(fakeApps({ FAKE_READY_AFTER_MS: '60000' }, {}));
    await eventually(() => expect(run.text()).toContain('fake-1 | fake-app: listening'));
    run.child.kill('SIGTERM');
    expect(await run.ended).toEqual([0, null]);
  });

  it('given its own death by SIGKILL, its apps drain, and the next start waits for them', async () => {
    const first = await runUntilReady(fakeApps({ FAKE_DRAIN_MS: '2500' }, {})); // longer than the next one takes to look
    first.child.kill('SIGKILL');
    await first.ended;
    expect(await portsFree(first.basePort)).toBe(false);
    const second = await runUntilReady(fakeApps({}, {}), first.basePort);
    expect(second.text()).toContain(
      'system | the last supervisor was killed; waiting for its apps to end: fake-1 (process ',
    );
    second.child.kill('SIGTERM');
    expect(await second.ended).toEqual([0, null]);
  });

  it('given output that nobody reads, still supervises and still ends', async () => {
    const run = await launch(fakeApps({}, {}), undefined, false);
    await eventually(() => expect(readRunningSystem(dataDir)?.apps).toHaveLength(2));
    run.child.kill('SIGTERM');
    expect(await run.ended).toEqual([0, null]);
  });

  it('given an option that it does not know, says so and how it is meant, with 2', async () => {
    const run = await launch(fakeApps({}), undefined, true, ['--bse-port', '1']);
    expect(await run.ended).toEqual([2, null]);
    expect(run.errorText()).toContain("npm start: Unknown option '--bse-port'");
    expect(run.errorText()).toContain('--base-port N');
  });

  it('given the data of a system on Cassandra and no engine, says so instead of starting an empty one', async () => {
    mkdirSync(join(dataDir, 'cassandra'));
    const run = await launch(fakeApps({}));
    expect(await run.ended).toEqual([1, null]);
    expect(run.errorText()).toBe(
      `npm start: the data in ${dataDir} is that of a system on Cassandra: go on with --engine cassandra, ` +
        'or begin an empty system on files beside it with --engine embedded\n',
    );
  });

  it('given an app that cannot start, stops the others and ends with 1', async () => {
    const run = await launch(fakeApps({}, { FAKE_EXIT_AT_START: '78' }));
    expect(await run.ended).toEqual([1, null]);
    expect(run.text()).toContain('fake-2 | fake-app: refuses to start\n');
    expect(run.errorText()).toContain('npm start: fake-2 cannot start');
    expect(await portsFree(run.basePort)).toBe(true);
  });
});

async function runUntilReady(apps: readonly AppDefinition[], basePort?: number) {
  const run = await launch(apps, basePort);
  await eventually(() => expect(run.text()).toContain('system | everything is ready\n'));
  return run;
}

async function launch(apps: readonly AppDefinition[], port?: number, isRead = true, args: readonly string[] = []) {
  const basePort = port ?? (await freeBasePort(apps));
  const all = [JSON.stringify(apps), '--base-port', String(basePort), '--data-dir', dataDir, ...args];
  const child = spawn(process.execPath, ['--input-type=module', '-e', PROGRAM, '--', ...all], {
    stdio: ['ignore', 'pipe', 'pipe'],
    env: { PATH: process.env.PATH },
  });
  started.push(child);
  const texts = { out: '', error: '' };
  if (isRead) child.stdout.on('data', (chunk) => (texts.out += String(chunk)));
  child.stderr.on('data', (chunk) => (texts.error += String(chunk)));
  return { basePort, child, ended: once(child, 'exit'), text: () => texts.out, errorText: () => texts.error };
}

async function portsFree(basePort: number): Promise<boolean> {
  return (await isPortFree(basePort)) && (await isPortFree(basePort + 1));
}
