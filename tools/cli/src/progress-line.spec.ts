import { PassThrough } from 'node:stream';
import { ManualClock } from '@chronicle/seams';
import { Output } from './output.js';
import { progressLine, progressText } from './progress-line.js';

describe('the progress of a long check', () => {
  it('says how much is done and when it will end', () => {
    expect(progressText('change log', 12_000, 48_000, 1_000)).toBe(
      'change log: 12,000 of about 48,000 (25 %), about 3 s left',
    );
    expect(progressText('change log', 0, 0, 0)).toBe('change log: 0 of about 1 (0 %)');
  });

  it('is shown on a terminal only, and not more often than a person can read', () => {
    for (const isTTY of [true, false]) {
      const stderr = Object.assign(new PassThrough(), { isTTY });
      const line = progressLine(new Output({ stdout: new PassThrough(), stderr }, false), new ManualClock());
      for (let done = 0; done < 100; done += 1) line.onProgress('topic', done, 100);
      line.end();
      const shown = String(stderr.read() ?? '');
      expect(shown).toBe(isTTY ? '\r\u001b[Ktopic: 0 of about 100 (0 %)\r\u001b[K' : '');
    }
  });
});
