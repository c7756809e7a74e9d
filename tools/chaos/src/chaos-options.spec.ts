import { UsageError, parseChaosOptions } from './chaos-options.js';

const parse = (...args: string[]) => parseChaosOptions(args, '/callers/folder', 7);

describe('the options of a soak', () => {
  it('have defaults, and a seed of their own each time', () => {
    expect(parse()).toEqual({
      ...{
        engine: 'embedded',
        nodes: 1,
        seed: 7,
        kills: 120,
        minutes: 15,
        commandsPerSecond: 60,
        failpointRounds: 2,
        report: null,
        help: false,
      },
    });
  });

  it('may be given', () => {
    const given = parse(
      ...'--kills 5 --minutes 1 --seed 0 --rate 10 --failpoint-rounds 0 --report r.json --engine cassandra --nodes 3'.split(
        ' ',
      ),
    );
    expect(given).toEqual({
      ...{
        engine: 'cassandra',
        nodes: 3,
        seed: 0,
        kills: 5,
        minutes: 1,
        commandsPerSecond: 10,
        failpointRounds: 0,
        help: false,
      },
      report: '/callers/folder/r.json',
    });
  });

  it.each([
    [['--kills', 'many'], '--kills many: expected a whole number from 0 to 100000'],
    [['--minutes', '0'], '--minutes 0: expected a whole number from 1 to 1440'],
    [['--seed', '4294967296'], '--seed 4294967296: expected a whole number from 0 to 4294967295'],
    [['--rate', '-1'], "Option '--rate' argument is ambiguous."],
    [['--engine', 'scylla'], '--engine scylla: expected embedded or cassandra'],
    [['--nodes', '4'], '--nodes 4: expected a whole number from 1 to 3'],
    [['--kill', '5'], "Unknown option '--kill'"],
  ])('%j cannot be understood', (args, message) => {
    expect(() => parse(...args)).toThrow(UsageError);
    expect(() => parse(...args)).toThrow(message);
  });
});
