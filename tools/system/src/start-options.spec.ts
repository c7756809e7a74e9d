import { DEFAULT_DATA_DIR, UsageError, parseStartOptions } from './start-options.js';

describe('parseStartOptions', () => {
  it('given nothing, takes the ports of the contract and the data folder of the repository', () => {
    expect(parseStartOptions([], '/somewhere')).toEqual({ basePort: 3000, dataDir: DEFAULT_DATA_DIR, help: false });
  });

  it('given options, takes them, with a relative folder seen from where npm was called', () => {
    expect(parseStartOptions(['--base-port', '4000', '--data-dir', 'mine'], '/somewhere')).toEqual({
      basePort: 4000,
      dataDir: '/somewhere/mine',
      help: false,
    });
    expect(parseStartOptions(['--base-port=4000', '--data-dir=/data'], '/somewhere').dataDir).toBe('/data');
  });

  it.each([
    [['--base-port', '0'], '--base-port 0: expected a number from 1 to 65521'],
    [['--base-port', '65522'], '--base-port 65522: expected a number from 1 to 65521'],
    [['--base-port', '30x'], '--base-port 30x: expected a number from 1 to 65521'],
    [['--data-dir', ''], '--data-dir: expected the path of a folder, found an empty text'],
    [['--port', '1'], "Unknown option '--port'"],
    [['4000'], 'Unexpected argument'],
  ])('given %j, says what is wrong', (args, message) => {
    expect(() => parseStartOptions(args, '/')).toThrow(UsageError);
    expect(() => parseStartOptions(args, '/')).toThrow(message);
  });
});
