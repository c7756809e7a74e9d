import { readableLines } from './readable-line.js';

const line = (fields: Record<string, unknown>) =>
  JSON.stringify({ level: 'info', time: '2026-11-25T19:03:21.123Z', app: 'publisher', pid: 1, ...fields });

describe('readableLines', () => {
  it('tells time, message and facts', () => {
    expect(readableLines(line({ address: 'http://x', count: 2, msg: 'listening' }))).toEqual([
      '19:03:21.123 listening address=http://x count=2',
    ]);
  });

  it('tells the level when there is something to see', () => {
    expect(readableLines(line({ level: 'warn', msg: 'late' }))).toEqual(['19:03:21.123 WARN late']);
  });

  it('tells the stack of an error on lines of its own', () => {
    const err = { type: 'Error', message: 'no disk', stack: 'Error: no disk\n    at open' };
    expect(readableLines(line({ level: 'error', err, msg: 'failed' }))).toEqual([
      '19:03:21.123 ERROR failed',
      'Error: no disk',
      '    at open',
    ]);
  });

  it.each(['plain text', '{"level":', '{"level":"info"}'])('leaves %j as it is', (text) => {
    expect(readableLines(text)).toEqual([text]);
  });
});
