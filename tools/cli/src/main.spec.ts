import { spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { mkdirSync, rmdirSync } from 'node:fs';
import { join } from 'node:path';
import { SmallSystem } from './testing/small-system.js';

const MAIN = join(import.meta.dirname, '../dist/main.js');

let system: SmallSystem;
beforeAll(async () => {
  system = await SmallSystem.open();
  await system.startWorkers();
  for (let orders = 0; orders < 100; orders += 1) await system.order('SHIPPED');
  await system.settled();
});
afterAll(() => system.close());

function run(...args: string[]) {
  return spawnSync(process.execPath, [MAIN, ...args], { encoding: 'utf8', env: { ...process.env, INIT_CWD: '/' } });
}

describe('the command as a process', () => {
  it('takes a relative folder as one of the caller, and exits with the code of the command', () => {
    const relative = system.dataDir.slice(1);
    expect(run('verify', '--json', '--data-dir', relative)).toMatchObject({ status: 0, stderr: '' });
    expect(run('verify', '--data-dir', 'nowhere')).toMatchObject({
      ...{ status: 2, stdout: '' },
      stderr: expect.stringContaining('data directory /nowhere does not exist'),
    });
  });

  it('given the folder of a system on files in which a Cassandra was tried too, then checks those files', () => {
    const tried = join(system.dataDir, 'cassandra');
    mkdirSync(tried);
    expect(run('verify', '--json', '--data-dir', system.dataDir)).toMatchObject({ status: 0, stderr: '' });
    rmdirSync(tried);
  });

  it('given a reader that has seen enough, then ends in peace', async () => {
    const child = spawn(process.execPath, [
      MAIN,
      'events',
      '--type',
      'OrderCreated',
      '--json',
      '--data-dir',
      system.dataDir,
    ]);
    let errors = '';
    child.stderr.on('data', (chunk: Buffer) => (errors += chunk.toString()));
    child.stdout.once('data', () => child.stdout.destroy());
    const [code] = (await once(child, 'close')) as [number];
    expect({ code, errors }).toEqual({ code: 0, errors: '' });
  });

  it.each(['SIGINT', 'SIGTERM'] as const)('given %s, then a tail ends with code 0', async (signal) => {
    const child = spawn(process.execPath, [
      MAIN,
      'topic',
      'tail',
      'orders.events',
      '--from-beginning',
      '--data-dir',
      system.dataDir,
    ]);
    child.stdout.once('data', () => child.kill(signal));
    expect(await once(child, 'close')).toEqual([0, null]);
  });
});
