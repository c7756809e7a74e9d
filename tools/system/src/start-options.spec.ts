import { DEFAULT_DATA_DIR } from './data-dir.js';
import { parseStartOptions } from './start-options.js';
import { UsageError } from './usage-error.js';

describe('parseStartOptions', () => {
  it('given nothing, takes the ports of the contract, the data folder of the repository and the embedded engine', () => {
    expect(parseStartOptions([], {}, '/somewhere')).toMatchObject({
      basePort: 3000,
      dataDir: DEFAULT_DATA_DIR,
      engine: { engine: { engine: 'embedded', dataDir: DEFAULT_DATA_DIR }, replication: null },
      engineIsNamed: false,
      help: false,
    });
  });

  it('given options, takes them, with a relative folder seen from where npm was called', () => {
    expect(parseStartOptions(['--base-port', '4000', '--data-dir', 'mine'], {}, '/somewhere')).toMatchObject({
      basePort: 4000,
      dataDir: '/somewhere/mine',
    });
    expect(parseStartOptions(['--data-dir', 'mine'], { INIT_CWD: '/here' }, '/somewhere').dataDir).toBe('/here/mine');
    expect(parseStartOptions(['--base-port=4000', '--data-dir=/data'], {}, '/somewhere').dataDir).toBe('/data');
  });

  it('given DATA_DIR, takes it unless an option says otherwise', () => {
    expect(parseStartOptions([], { DATA_DIR: 'theirs' }, '/somewhere').dataDir).toBe('/somewhere/theirs');
    expect(parseStartOptions(['--data-dir', 'mine'], { DATA_DIR: '/data' }, '/somewhere').dataDir).toBe(
      '/somewhere/mine',
    );
  });

  it('given a cluster, takes it from the options, and from the environment what they leave out', () => {
    const options = ['--engine', 'scylla', '--contact-points', 'a:1,b:1', '--replication', 'dc1:3,dc2:2'];
    expect(parseStartOptions(options, { KEYSPACE: 'shop', CONTACT_POINTS: 'c:1' }, '/').engine).toMatchObject({
      engine: { engine: 'scylla', contactPoints: ['a:1', 'b:1'], keyspace: 'shop', writeDatacenter: null },
      replication: { dc1: 3, dc2: 2 },
    });
  });

  it('given cassandra without contact points, means one of its own', () => {
    const { engine } = parseStartOptions(['--engine', 'cassandra'], {}, '/').engine;
    expect(engine).toMatchObject({ engine: 'cassandra', contactPoints: null });
    expect(parseStartOptions([], { ENGINE: 'cassandra' }, '/')).toMatchObject({ engineIsNamed: true });
  });

  it.each([
    [['--base-port', '0'], '--base-port 0: expected a number from 1 to 65521'],
    [['--base-port', '65522'], '--base-port 65522: expected a number from 1 to 65521'],
    [['--base-port', '30x'], '--base-port 30x: expected a number from 1 to 65521'],
    [['--data-dir', ''], '--data-dir: expected the path of a folder, found an empty text'],
    [['--port', '1'], "Unknown option '--port'"],
    [['4000'], 'Unexpected argument'],
    [['--engine', 'mysql'], '--engine is "mysql"; expected one of embedded, scylla, cassandra'],
    [['--engine', ''], '--engine: expected a value, found an empty text'],
    [['--engine', 'scylla'], '--contact-points is not set; expected host:port[,host:port…], as ENGINE is scylla'],
    [['--contact-points', 'a:1'], '--engine is "embedded" while CONTACT_POINTS names a cluster'],
    [['--engine', 'scylla', '--contact-points', 'a b'], '--contact-points is "a b"; expected host:port'],
    [['--replication', '3'], '--replication is "3"; expected replicas by datacentre, such as dc1:3'],
  ])('given %j, says what is wrong', (args, message) => {
    expect(() => parseStartOptions(args, {}, '/')).toThrow(UsageError);
    expect(() => parseStartOptions(args, {}, '/')).toThrow(message);
  });
});
