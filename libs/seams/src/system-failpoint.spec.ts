import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { performance } from 'node:perf_hooks';
import { text } from 'node:stream/consumers';
import { armFailpoints, failpoint, failpointSync } from './system-failpoint.js';

describe('failpoints', () => {
  afterEach(() => armFailpoints(''));

  it('unless armed, are passed without anything to wait for', () => {
    expect(failpoint('after-load')).toBeUndefined();
    armFailpoints('after-commit:1:throw');
    expect(failpoint('after-load')).toBeUndefined();
    expect(failpointSync('after-load')).toBeUndefined();
  });

  it('take effect once, at the pass that was named', () => {
    armFailpoints('after-load:2:throw');
    const thrown = expect.objectContaining({ code: 'failpoint', failpoint: 'after-load' });
    expect(failpoint('after-load')).toBeUndefined();
    expect(() => failpoint('after-load')).toThrow(thrown);
    expect(failpoint('after-load')).toBeUndefined();
    armFailpoints('after-load:1:throw');
    expect(() => failpointSync('after-load')).toThrow(thrown);
  });

  it('may be several, of one name too', () => {
    armFailpoints('after-load:1:throw, after-load:2:throw,before-reply:1:throw');
    expect(() => failpoint('after-load')).toThrow();
    expect(() => failpoint('before-reply')).toThrow();
    expect(() => failpoint('after-load')).toThrow();
    expect(failpoint('after-load')).toBeUndefined();
  });

  it('armed anew forget what was armed', () => {
    armFailpoints('after-load:1:throw');
    armFailpoints('');
    expect(failpoint('after-load')).toBeUndefined();
  });

  it('may delay, with or without an event loop', async () => {
    armFailpoints('after-load:1:delay=30,after-load:2:delay=30');
    const start = performance.now();
    await failpoint('after-load');
    failpointSync('after-load');
    expect(performance.now() - start).toBeGreaterThan(55);
  });

  it.each([
    'after-load',
    'after-load:1',
    'nowhere:1:exit',
    'after-load:0:exit',
    'after-load:1:explode',
    'after-load:x:exit',
    'after-load:1:delay=',
    'after-load:1:exit:now',
  ])('cannot be armed with %j', (spec) =>
    expect(() => armFailpoints(spec)).toThrow(`failpoint "${spec}": expected name:nth:exit|stop|throw|delay=ms`),
  );

  it('say that they throw, to whoever answers it without a word', async () => {
    const fails = await run('throw');
    const said = text(fails.stderr);
    expect(await once(fails, 'exit')).toEqual([1, null]);
    expect(await said).toMatch(/^failpoint before-reply: throw$/m);
  });

  it('may end the process, as SIGKILL does, or stop it, and say so before', async () => {
    const ends = await run('exit');
    const saidBeforeTheEnd = text(ends.stderr);
    expect(await once(ends, 'exit')).toEqual([null, 'SIGKILL']);
    expect(await saidBeforeTheEnd).toBe('failpoint before-reply: exit\n');

    const stops = await run('stop');
    const said = text(stops.stderr);
    const exited = once(stops, 'exit');
    const continuing = setInterval(() => stops.kill('SIGCONT'), 10); // it may not have stopped yet: it goes on where it stood
    expect(await exited).toEqual([7, null]);
    clearInterval(continuing);
    expect(await said).toBe('failpoint before-reply: stop\n');
  });

  /** A process that passes a failpoint armed with `effect`, after it has said that it is about to, and ends with code 7. */
  async function run(effect: string) {
    const passing = `
      import { armFailpoints, failpoint } from '@chronicle/seams';
      armFailpoints('before-reply:1:${effect}');
      process.stdout.write('ready', () => { failpoint('before-reply'); process.exit(7); });`;
    const child = spawn(process.execPath, ['--input-type=module', '-e', passing], {
      stdio: ['ignore', 'pipe', 'pipe'],
      cwd: import.meta.dirname,
    });
    await once(child.stdout, 'data');
    return child;
  }
});
