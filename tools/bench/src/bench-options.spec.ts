import { parseBenchOptions, UsageError } from './bench-options.js';
import { FULL, QUICK } from './scale.js';

const MEASUREMENTS = [
  { name: 'commands' },
  { name: 'memory', engines: ['embedded', 'cassandra'] },
  { name: 'append', engines: ['cassandra'] },
] as const;
const NAMES = ['commands', 'memory'];
const EMBEDDED = { engine: 'embedded', cluster: undefined };

describe('the options of the bench', () => {
  it('given none, then everything is measured in full', () => {
    expect(parseBenchOptions([], MEASUREMENTS)).toEqual({
      help: false,
      only: NAMES,
      scale: FULL,
      json: undefined,
      ...EMBEDDED,
    });
  });

  it('given some, then they say what, how much of it and where to', () => {
    const args = ['--only', 'memory', '--quick', '--minutes', '0.5', '--json', 'out.json'];
    const scale = { ...QUICK, memorySeconds: 30 };
    expect(parseBenchOptions(args, MEASUREMENTS)).toEqual({
      help: false,
      only: ['memory'],
      scale,
      json: 'out.json',
      ...EMBEDDED,
    });
  });

  it('given several names, in one option or more, then all of them', () => {
    expect(parseBenchOptions(['--only', 'commands,memory'], MEASUREMENTS).only).toEqual(NAMES);
    expect(parseBenchOptions(['--only', 'memory', '--only', 'commands'], MEASUREMENTS).only).toEqual([
      'memory',
      'commands',
    ]);
  });

  it('given another engine, then what it has, on a cluster that is named or one of its own', () => {
    const own = parseBenchOptions(['--engine', 'cassandra'], MEASUREMENTS);
    const cassandra = { commitLogSync: 'periodic' };
    expect(own).toMatchObject({ only: ['memory', 'append'], engine: 'cassandra', cluster: cassandra });
    expect(parseBenchOptions(['--engine', 'cassandra', '--commitlog-sync', 'group'], MEASUREMENTS)).toMatchObject({
      cluster: { commitLogSync: 'group' },
    });
    const named = ['--engine', 'cassandra', '--contact-points', 'a:1,b:2'];
    const cluster = { contactPoints: ['a:1', 'b:2'], datacenter: 'datacenter1' };
    expect(parseBenchOptions(named, MEASUREMENTS)).toMatchObject({ cluster });
    expect(parseBenchOptions([...named, '--local-data-center', 'dc1'], MEASUREMENTS)).toMatchObject({
      cluster: { ...cluster, datacenter: 'dc1' },
    });
  });

  it.each([
    [['--only', 'speed'], '--only speed: expected one of commands, memory, which the engine embedded has'],
    [['--only', 'append'], '--only append: expected one of commands, memory, which the engine embedded has'],
    [['--engine', 'redis'], '--engine redis: expected one of embedded, cassandra'],
    [['--contact-points', 'a:1'], '--contact-points: expected with --engine cassandra'],
    [
      ['--engine', 'cassandra', '--local-data-center', 'dc1'],
      '--local-data-center: expected with --contact-points host:port',
    ],
    [['--commitlog-sync', 'group'], '--commitlog-sync: expected with --engine cassandra'],
    [['--engine', 'cassandra', '--commitlog-sync', 'batch'], '--commitlog-sync batch: expected one of periodic, group'],
    [
      ['--engine', 'cassandra', '--contact-points', 'a:1', '--commitlog-sync', 'group'],
      '--commitlog-sync: expected without --contact-points',
    ],
    [['--minutes', '0'], '--minutes 0: expected a number above 0 and up to 1440'],
    [['--minutes', 'ten'], '--minutes ten: expected a number above 0 and up to 1440'],
    [['--fast'], "Unknown option '--fast'"],
  ])('given %j, then it is refused with the reason', (args, message) => {
    expect(() => parseBenchOptions(args, MEASUREMENTS)).toThrow(UsageError);
    expect(() => parseBenchOptions(args, MEASUREMENTS)).toThrow(message);
  });
});
