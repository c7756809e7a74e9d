import { atLeast, atMost } from './measurement.js';
import { Progress } from './progress.js';
import { cellText, partText, tableText } from './report.js';

describe('a table', () => {
  it('has columns as wide as need be, texts to the left and numbers to the right', () => {
    const rows = [
      { app: 'publisher', 'commands/s': 12345.6, lag: null },
      { app: 'x', 'commands/s': 7, lag: 0.25 },
    ];
    expect(tableText({ title: 'Numbers', rows }).split('\n')).toEqual([
      '',
      'Numbers',
      '  app        commands/s   lag',
      '  publisher      12,346     -',
      '  x                   7  0.25',
    ]);
  });

  it.each([
    [1234567, '1,234,567'],
    [250.4, '250'],
    [25.04, '25.0'],
    [2.504, '2.50'],
    [0.2504, '0.25'],
    [0.0254, '0.025'],
    [0, '0'],
    [null, '-'],
    ['text', 'text'],
  ])('shows %j as %s', (value, text) => {
    expect(cellText(value)).toBe(text);
  });
});

describe('a verdict', () => {
  it('is met at the bound', () => {
    expect(atLeast('speed', 50_000, 50_000)).toEqual({ what: 'speed', wanted: '≥ 50,000', found: 50_000, met: true });
    expect(atLeast('speed', 50_000, 49_999).met).toBe(false);
    expect(atMost('time', 2, 2)).toEqual({ what: 'time', wanted: '≤ 2', found: 2, met: true });
    expect(atMost('time', 2, 2.1).met).toBe(false);
  });

  it('stands beside its target, with the load of the machine above', () => {
    const text = partText({
      ...{ name: 'replay', about: 'how fast', seconds: 12.3, loadBefore: [1, 2, 3], loadAfter: [4, 5, 6] },
      tables: [],
      verdicts: [atLeast('events/s', 50_000, 60_000), atMost('MB', 200, 250)],
    });
    expect(text).toContain('load of the machine 1.00 2.00 3.00 before, 4.00 5.00 6.00 after; took 12 s');
    expect(text).toMatch(/events\/s +≥ 50,000 +60,000 +met\n/);
    expect(text).toMatch(/MB +≤ 200 +250 +MISSED$/);
  });
});

describe('progress', () => {
  function shown(isTTY: boolean) {
    let now = 0;
    const written: string[] = [];
    const seconds = new Map([
      ['commands', 90],
      ['replay', 10],
    ]);
    const progress = new Progress({ isTTY, write: (text) => written.push(text) }, seconds, () => now);
    return { progress, written, pass: (ms: number) => (now += ms) };
  }

  it('estimates from what was expected, then from what was seen', () => {
    const { progress, written, pass } = shown(false);
    progress.begin('commands');
    pass(90_000);
    progress.at(0.5, 'round 2');
    pass(90_000);
    progress.begin('replay');
    expect(written).toEqual([
      'commands: starting, 0 %; all of it ends in about 1.7 min\n',
      'commands: round 2, 50 %; all of it ends in about 1.8 min\n',
      'replay: starting, 0 %; all of it ends in about 20 s\n',
    ]);
  });

  it('writes seldom into a file, and over the same line at a terminal', () => {
    const file = shown(false);
    const terminal = shown(true);
    for (const { progress, pass } of [file, terminal]) {
      progress.begin('commands');
      for (let ms = 0; ms < 1000; ms += 10) progress.at(0.1, `at ${pass(10)}`);
    }
    expect(file.written).toHaveLength(1);
    expect(terminal.written).toHaveLength(6);
    expect(terminal.written.every((text) => text.startsWith('\r\x1b[2K'))).toBe(true);
  });
});
