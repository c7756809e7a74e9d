import { WORKER_SETTINGS, workerSettings } from './worker-settings.js';

describe('workerSettings', () => {
  it('given nothing, then they are the defaults', () => {
    expect(workerSettings()).toEqual(WORKER_SETTINGS);
  });

  it.each([
    [{ attemptsMax: 0 }, 'attemptsMax is 0: expected an integer from 1'],
    [{ holeGraceMs: 1.5 }, 'holeGraceMs is 1.5: expected an integer from 1'],
    [
      { ownDeadlineMs: 10_000 },
      'ownDeadlineMs (10000) must be less than instanceTimeoutMs (10000): an instance stops before others take it for dead',
    ],
    [{ heartbeatMs: 5000 }, 'ownDeadlineMs (8000) must be at least twice heartbeatMs (5000)'],
  ])('given %j, then it is refused', (changes, message) => {
    expect(() => workerSettings(changes)).toThrow(new RangeError(message));
  });
});
