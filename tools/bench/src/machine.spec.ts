import { processUsage } from './machine.js';

describe('the usage of a process', () => {
  it('given this one, then it agrees with what Node says of itself', () => {
    const burnUntil = performance.now() + 60;
    while (performance.now() < burnUntil) JSON.stringify([burnUntil]);
    const { cpuMs, rssMb, peakRssMb } = processUsage(process.pid);
    const { user, system } = process.cpuUsage();
    expect(Math.abs(cpuMs - (user + system) / 1000)).toBeLessThan(50);
    expect(Math.abs(rssMb - process.memoryUsage.rss() / 1e6)).toBeLessThan(20);
    expect(peakRssMb).toBeGreaterThanOrEqual(rssMb);
  });

  it('given no such process, then it throws', () => {
    expect(() => processUsage(2 ** 22 + 1)).toThrow('ENOENT');
  });
});
