import { EventEmitter } from 'node:events';
import { jest } from '@jest/globals';
import { StopSignals } from './stop-signals.js';

describe('StopSignals', () => {
  beforeEach(() => jest.useFakeTimers());
  afterEach(() => jest.useRealTimers());

  it.each(['SIGINT', 'SIGTERM', 'SIGHUP'])('given %s, aborts with its name', (signal) => {
    const source = new EventEmitter();
    const stop = new StopSignals(() => {}, source);
    expect(stop.first.aborted).toBe(false);
    source.emit(signal, signal);
    expect(stop.first.reason).toBe(signal);
  });

  it('given one press that arrives twice, through the terminal and through npm, counts one request', () => {
    const { again, source } = listening();
    source.emit('SIGINT', 'SIGINT');
    jest.advanceTimersByTime(999);
    source.emit('SIGINT', 'SIGINT');
    expect(again).not.toHaveBeenCalled();
  });

  it('given a second request later, says that somebody is in a hurry', () => {
    const { again, source } = listening();
    source.emit('SIGTERM', 'SIGTERM');
    jest.advanceTimersByTime(1000);
    source.emit('SIGINT', 'SIGINT');
    expect(again).toHaveBeenCalledTimes(1);
  });

  it('after dispose, hears nothing', () => {
    const { stop, source } = listening();
    stop.dispose();
    source.emit('SIGINT', 'SIGINT');
    expect(stop.first.aborted).toBe(false);
  });
});

function listening() {
  const source = new EventEmitter();
  const again = jest.fn();
  return { source, again, stop: new StopSignals(again, source) };
}
