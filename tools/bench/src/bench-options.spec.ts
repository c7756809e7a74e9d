import { parseBenchOptions, UsageError } from './bench-options.js';
import { FULL, QUICK } from './scale.js';

const NAMES = ['commands', 'memory'];

describe('the options of the bench', () => {
  it('given none, then everything is measured in full', () => {
    expect(parseBenchOptions([], NAMES)).toEqual({ help: false, only: NAMES, scale: FULL, json: undefined });
  });

  it('given some, then they say what, how much of it and where to', () => {
    const args = ['--only', 'memory', '--quick', '--minutes', '0.5', '--json', 'out.json'];
    const scale = { ...QUICK, memorySeconds: 30 };
    expect(parseBenchOptions(args, NAMES)).toEqual({ help: false, only: ['memory'], scale, json: 'out.json' });
  });

  it('given several names, in one option or more, then all of them', () => {
    expect(parseBenchOptions(['--only', 'commands,memory'], NAMES).only).toEqual(NAMES);
    expect(parseBenchOptions(['--only', 'memory', '--only', 'commands'], NAMES).only).toEqual(['memory', 'commands']);
  });

  it.each([
    [['--only', 'speed'], '--only speed: expected one of commands, memory'],
    [['--minutes', '0'], '--minutes 0: expected a number above 0 and up to 1440'],
    [['--minutes', 'ten'], '--minutes ten: expected a number above 0 and up to 1440'],
    [['--fast'], "Unknown option '--fast'"],
  ])('given %j, then it is refused with the reason', (args, message) => {
    expect(() => parseBenchOptions(args, NAMES)).toThrow(UsageError);
    expect(() => parseBenchOptions(args, NAMES)).toThrow(message);
  });
});
