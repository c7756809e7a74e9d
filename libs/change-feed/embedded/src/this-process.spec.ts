import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { readFileSync } from 'node:fs';
import { hasEnded, thisProcess } from './this-process.js';

const canTell = thisProcess().startedAt !== null;
const whereTold = canTell ? it : it.skip;

describe('hasEnded', () => {
  it('given this process, then it has not ended', () => {
    expect(hasEnded(thisProcess())).toBe(false);
  });

  it('given a process of which nothing is known, then nobody can tell', () => {
    expect(hasEnded({ pid: 1, startedAt: null, space: null })).toBe(false);
    expect(hasEnded({ ...thisProcess(), startedAt: '1', space: 'another container' })).toBe(false);
  });

  whereTold('given another process that had the same id, then that one has ended', () => {
    expect(hasEnded({ ...thisProcess(), startedAt: '1' })).toBe(true);
  });

  whereTold('given a process that was killed, then it has ended, even before its parent has taken note', async () => {
    const child = spawn('sleep', ['60']);
    await once(child, 'spawn');
    const stat = readFileSync(`/proc/${child.pid}/stat`, 'utf8');
    const startedAt = stat.slice(stat.lastIndexOf(')') + 2).split(' ')[19]!;
    const mark = { pid: child.pid!, startedAt, space: thisProcess().space };
    expect(hasEnded(mark)).toBe(false);
    child.kill('SIGKILL');
    await once(child, 'exit');
    expect(hasEnded(mark)).toBe(true);
  });
});
