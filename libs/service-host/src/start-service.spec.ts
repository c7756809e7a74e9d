import { createServer, type AddressInfo } from 'node:net';
import { systemClock } from '@chronicle/seams';
import { jest } from '@jest/globals';
import type { Host } from './app.js';
import type { Drain } from './life/drain.js';
import { sampleApp, ThingsModule } from './sample-app.fixture.js';
import { startService } from './start-service.js';

const EVENTS = ['SIGTERM', 'SIGINT', 'SIGHUP', 'disconnect', 'uncaughtException', 'unhandledRejection'] as const;
type Listener = (...args: unknown[]) => void;

function listenersOf(event: (typeof EVENTS)[number]): Listener[] {
  return process.listeners(event as 'SIGTERM') as unknown as Listener[];
}

describe('a service as a process', () => {
  const before = process.env;
  const kept = new Map<string, Listener[]>();
  let exits: (number | undefined)[];
  let exited: Promise<void>;
  let stderr: string;
  let drain: Drain | null;

  beforeEach(() => {
    process.env = { ...before, PORT: '0', LOG_LEVEL: 'silent' };
    for (const event of EVENTS) kept.set(event, listenersOf(event));
    exits = [];
    stderr = '';
    drain = null;
    exited = new Promise((resolve) => {
      jest.spyOn(process, 'exit').mockImplementation(((code?: number) => {
        exits.push(code);
        resolve();
      }) as typeof process.exit);
    });
    jest.spyOn(process.stderr, 'write').mockImplementation((text) => (stderr += String(text)) !== '');
  });
  afterEach(async () => {
    await drain?.start(0);
    process.env = before;
    jest.restoreAllMocks();
    for (const event of EVENTS) {
      for (const listener of listenersOf(event))
        if (!kept.get(event)!.includes(listener)) process.removeListener(event, listener);
    }
  });

  /** Starts the sample with one step in its drain. */
  const start = (step: () => Promise<void> | void = () => {}) =>
    startService(
      sampleApp({
        compose: (host: Host) => {
          drain = host.drain;
          drain.step('store', step);
          return ThingsModule;
        },
      }),
    );

  it.each(['SIGTERM', 'SIGINT', 'SIGHUP', 'disconnect'] as const)('given %s, drains and exits 0', async (event) => {
    const step = jest.fn<() => void>();
    await start(step);
    process.emit(event as 'SIGTERM');
    await exited;
    expect(exits).toEqual([0]);
    expect(step).toHaveBeenCalledTimes(1);
  });

  it('given a parent that went while the app was put together, drains and exits 0', async () => {
    const connected = Object.getOwnPropertyDescriptor(process, 'connected');
    Object.defineProperty(process, 'connected', { value: false, configurable: true });
    await start();
    await exited;
    if (connected) Object.defineProperty(process, 'connected', connected);
    else Reflect.deleteProperty(process, 'connected');
    expect(exits).toEqual([0]);
  });

  describe('given a second signal', () => {
    let end = () => {};
    let passed: number;
    beforeEach(async () => {
      passed = 0;
      jest.spyOn(systemClock, 'monotonic').mockImplementation(() => passed);
      const gate = new Promise<void>((resolve) => (end = resolve));
      await start(() => gate);
      process.emit('SIGINT');
    });
    afterEach(() => end());

    it('at once, takes it for the same request: a terminal and a supervisor both pass a Ctrl-C on', async () => {
      passed = 999;
      process.emit('SIGTERM');
      expect(exits).toEqual([]);
      end();
      await exited;
      expect(exits).toEqual([0]);
    });

    it('after a second, exits at once', () => {
      passed = 1_000;
      process.emit('SIGTERM');
      expect(exits).toEqual([143]);
    });
  });

  it('exits 1 when a step of the drain failed', async () => {
    await start(() => Promise.reject(new Error('no')));
    process.emit('SIGTERM');
    await exited;
    expect(exits).toEqual([1]);
  });

  it('exits 78 with every bad setting on standard error', async () => {
    process.env = { ...process.env, PORT: 'x', DRAIN_TIMEOUT_MS: '-1' };
    await start();
    expect(exits).toEqual([78]);
    expect(stderr).toMatch(
      /^sample did not start: the configuration cannot be used:\n {2}PORT is "x".*\n {2}DRAIN_TIMEOUT_MS is "-1"/,
    );
  });

  it('exits 1 when it cannot be put together', async () => {
    const compose = () => {
      throw new Error('no disk');
    };
    await startService(sampleApp({ compose }));
    expect(exits).toEqual([1]);
    expect(stderr).toContain('sample did not start: Error: no disk');
  });

  it('closes what it opened and exits 1 when its port is taken', async () => {
    const taken = createServer();
    await new Promise<void>((resolve) => taken.listen(0, '127.0.0.1', resolve));
    process.env = { ...process.env, PORT: String((taken.address() as AddressInfo).port) };
    const step = jest.fn<() => void>();
    await start(step);
    expect(exits).toEqual([1]);
    expect(step).toHaveBeenCalledTimes(1);
    expect(stderr).toContain('EADDRINUSE');
    await new Promise((resolve) => taken.close(resolve));
  });

  it.each(['uncaughtException', 'unhandledRejection'] as const)('given an %s, exits 1', async (event) => {
    await start();
    listenersOf(event).at(-1)!(new Error('nobody handled this'));
    expect(exits).toEqual([1]);
  });
});
