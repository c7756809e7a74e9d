import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { identityOf, isAlive } from './index.js';

describe('the identity of a process', () => {
  it('given a process that runs, it is alive', () => {
    expect(isAlive(identityOf(process.pid))).toBe(true);
  });

  it('given a process that ended, it is not', async () => {
    const child = spawn(process.execPath, ['--eval', 'process.stdin.resume()'], {
      stdio: ['pipe', 'ignore', 'ignore'],
    });
    await once(child, 'spawn');
    const identity = identityOf(child.pid!);
    child.kill('SIGKILL');
    await once(child, 'exit');
    expect(isAlive(identity)).toBe(false);
  });

  it('given a later process with the same id, the earlier one is not alive', () => {
    expect(isAlive({ ...identityOf(process.pid), startedAtTick: '1' })).toBe(false);
  });
});
