import { ConsoleOutput, wantsColour } from './console-output.js';
import { fakeApps } from './fake-apps.js';

describe('ConsoleOutput', () => {
  it('puts the name of the app before each line, in columns', () => {
    const stream = new MemoryStream();
    const output = new ConsoleOutput([{ ...fakeApps({})[0]!, name: 'query-service' }], stream, false);
    output.onLine('query-service', 'hello');
    output.onNotice('query-service', 'ended by itself');
    output.onNotice(undefined, 'stopped');
    expect(stream.text).toBe(
      'query-service | hello\n' + 'system        | query-service: ended by itself\n' + 'system        | stopped\n',
    );
  });

  it('given colour, colours the name and nothing else', () => {
    const stream = new MemoryStream();
    new ConsoleOutput(fakeApps({}), stream, true).onLine('fake-1', 'hello');
    expect(stream.text).toBe('\u001b[36mfake-1 |\u001b[0m hello\n');
  });

  it('given a reader who does not read, drops lines beyond the bound and says how many', () => {
    const stream = new MemoryStream();
    const output = new ConsoleOutput(fakeApps({}), stream, false);
    stream.writableLength = 4 * 1024 * 1024 + 1;
    output.onLine('fake-1', 'lost');
    output.onLine('fake-1', 'lost too');
    stream.writableLength = 0;
    output.onLine('fake-1', 'seen');
    expect(stream.text).toBe('system | 2 lines were dropped: nobody read them\nfake-1 | seen\n');
  });
});

describe('wantsColour', () => {
  it('is for terminals, unless NO_COLOR says no', () => {
    expect(wantsColour({ ...new MemoryStream(), isTTY: true, write: () => true }, {})).toBe(true);
    expect(wantsColour({ ...new MemoryStream(), isTTY: true, write: () => true }, { NO_COLOR: '1' })).toBe(false);
    expect(wantsColour(new MemoryStream(), {})).toBe(false);
  });
});

class MemoryStream {
  text = '';
  writableLength = 0;
  write(text: string): boolean {
    this.text += text;
    return true;
  }
}
