import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { hasEnded, markOf } from './index.js';

const canTell = markOf().startedAtTick !== null;
const whereTold = canTell ? it : it.skip;

describe('hasEnded', () => {
  it('given this process, then it has not ended', () => {
    expect(hasEnded(markOf())).toBe(false);
  });

  it('given a process of which nothing is known, then nobody can tell', () => {
    expect(hasEnded({ pid: 1, startedAtTick: null, space: null })).toBe(false);
    expect(hasEnded({ ...markOf(), startedAtTick: '1', space: 'another container' })).toBe(false);
  });

  whereTold('given another process that had the same id, then that one has ended', () => {
    expect(hasEnded({ ...markOf(), startedAtTick: '1' })).toBe(true);
  });

  whereTold('given a process that was killed, then it has ended, even before its parent has taken note', async () => {
    const child = spawn('sleep', ['60']);
    await once(child, 'spawn');
    const mark = markOf(child.pid);
    expect(hasEnded(mark)).toBe(false);
    child.kill('SIGKILL');
    await once(child, 'exit');
    expect(hasEnded(mark)).toBe(true);
  });
});
