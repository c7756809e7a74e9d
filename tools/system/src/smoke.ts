import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import type { ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { APPS, REPOSITORY_ROOT } from './apps.js';
import { eventually } from './eventually.js';
import { exitAfterOutput } from './exit-after-output.js';
import { freeBasePort, takenPorts } from './ports.js';
import { askReadiness } from './readiness.js';
import { readRunningSystem } from './system-file.js';

/** The promises of `npm start`, and how long a first start may take. */
const LIMIT_MS = { ready: 120_000, restart: 5_000, readyAgain: 15_000, stop: 30_000 };

const dataDir = mkdtempSync(join(tmpdir(), 'smoke-'));
const basePort = await freeBasePort(APPS);
const options = ['--', '--base-port', String(basePort), '--data-dir', dataDir];
let start: ChildProcess | undefined;

/** Uses the system as the README tells a newcomer to: start, demo, a crash, stop. */
async function smoke(): Promise<void> {
  start = npm('start', ...options);
  await step('npm start is ready', LIMIT_MS.ready, () => everyAppReady());
  await step('npm run demo tells its story', LIMIT_MS.ready, async () => {
    assert.deepEqual(await once(npm('run', 'demo', ...options), 'exit'), [0, null]);
  });
  const killed = pidOf('command-service');
  process.kill(killed, 'SIGKILL');
  await step('an app that was killed is started again', LIMIT_MS.restart, () =>
    eventually(() => assert.notEqual(pidOf('command-service'), killed), LIMIT_MS.restart),
  );
  await step('and is ready again', LIMIT_MS.readyAgain, () => everyAppReady());
  start.kill('SIGTERM');
  await step('SIGTERM stops npm start with 0', LIMIT_MS.stop, async () => {
    assert.deepEqual(start!.exitCode ?? (await once(start!, 'exit'))[0], 0);
  });
  await step('no port is left open', LIMIT_MS.stop, async () => assert.deepEqual(await takenPorts(APPS, basePort), []));
}

async function step(name: string, limitMs: number, work: () => Promise<unknown>): Promise<void> {
  const before = performance.now();
  const timer = new Promise<never>((_, reject) => {
    setTimeout(() => reject(new Error(`${name}: not within ${limitMs / 1000} s`)), limitMs).unref();
  });
  await Promise.race([work(), timer]);
  process.stdout.write(`smoke: ${name} (${((performance.now() - before) / 1000).toFixed(1)} s)\n`);
}

function npm(...args: string[]): ChildProcess {
  return spawn('npm', args, { cwd: REPOSITORY_ROOT, stdio: ['ignore', 'inherit', 'inherit'] });
}

async function everyAppReady(): Promise<void> {
  await eventually(async () => {
    for (const { name, portOffset } of APPS) {
      const readiness = await askReadiness(`http://127.0.0.1:${basePort + portOffset}`);
      assert.ok(readiness.ready, `${name} is not ready: ${readiness.ready ? '' : readiness.reason}`);
    }
  }, LIMIT_MS.ready);
}

function pidOf(app: string): number {
  const running = readRunningSystem(dataDir)?.apps.find(({ name }) => name === app);
  assert.ok(running, `system.json tells of no ${app}`);
  return running.pid;
}

try {
  await smoke();
  rmSync(dataDir, { recursive: true, force: true });
  exitAfterOutput(0);
} catch (error) {
  process.stderr.write(`smoke: FAILED: ${(error as Error).message}\nthe data is kept in ${dataDir}\n`);
  start?.kill('SIGTERM');
  exitAfterOutput(1);
}
