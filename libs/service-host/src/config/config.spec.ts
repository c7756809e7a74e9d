import { readFileSync } from 'node:fs';
import { commonRules, commonSettings } from './common-settings.js';
import {
  ConfigError,
  describeSettings,
  readConfig,
  type ConfigIssue,
  type ConfigRule,
  type Environment,
  type Settings,
} from './config.js';
import { setting } from './setting.js';

/** The issues that reading ends with; none when it does not. */
function issuesOf(read: () => unknown): readonly ConfigIssue[] {
  try {
    read();
    return [];
  } catch (error) {
    if (error instanceof ConfigError) return error.issues;
    throw error;
  }
}

const common = (environment: Environment) => readConfig(commonSettings(3000), commonRules, environment);
const JWT = { AUTH_MODE: 'jwt', AUTH_JWKS_FILE: 'keys.json', AUTH_ISSUER: 'i', AUTH_AUDIENCE: 'a' };

describe('settings', () => {
  const about = 'x';
  it.each([
    [
      setting.integer('S', { about, min: -1, max: 9 }),
      ['-1', '0', '9'],
      ['', '10', '1.5', '1e0', ' 1', '0x1', 'a'],
      [-1, 0, 9],
    ],
    [setting.port('S', { about }), ['0', '65535'], ['65536', '-1'], [0, 65535]],
    [setting.oneOf('S', ['a', 'b'], { about }), ['a', 'b'], ['A', 'c'], ['a', 'b']],
    [setting.flag('S', { about }), ['true', 'false'], ['1', 'yes', 'TRUE'], [true, false]],
    [setting.text('S', { about }), [' x '], [''], [' x ']],
    [setting.text('S', { about, pattern: /^[a-z]+$/, expects: 'letters' }), ['ab'], ['1', 'a b'], ['ab']],
    [
      setting.addresses('S', { about }),
      ['a', 'a.test:1, 10.0.0.2:9042', '[::1]:9042'],
      ['', 'a:', ':1', 'a,', '::1', 'a b'],
      [['a'], ['a.test:1', '10.0.0.2:9042'], ['[::1]:9042']],
    ],
    [setting.url('S', ['https:'], { about }), ['https://x.test/y'], ['http://x.test', 'x', '/x'], ['https://x.test/y']],
  ] as [Settings[string], string[], string[], unknown[]][])(
    '%# read what they expect and nothing else',
    (one, good, bad, values) => {
      expect(good.map((text) => readConfig({ one }, [], { S: text }).one)).toEqual(values);
      for (const text of bad) expect(issuesOf(() => readConfig({ one }, [], { S: text }))).toHaveLength(1);
    },
  );

  it('take their default when absent or empty, and are required without one', () => {
    const settings = {
      a: setting.integer('A', { about, min: 0, max: 9, default: 5 }),
      b: setting.text('B', { about, default: null }),
    };
    expect(readConfig(settings, [], { A: '', C: 'not ours' })).toEqual({ a: 5, b: null });
    expect(issuesOf(() => readConfig({ c: setting.text('C', { about }) }, [], {}))).toEqual([
      { name: 'C', found: 'not set', expected: 'a text' },
    ]);
  });
});

describe('the configuration', () => {
  const settings = {
    a: setting.integer('A', { about: 'first', min: 0, max: 9, default: 5 }),
    b: setting.oneOf('B', ['x', 'y'], { about: 'second' }),
    key: setting.url('KEY', ['https:'], { about: 'third', secret: true, default: null }),
  };
  const rule: ConfigRule<{ a: number }> = ({ a }) =>
    a % 2 === 1 ? null : { name: 'A', found: String(a), expected: 'an odd number' };

  it('is frozen', () => {
    expect(Object.isFrozen(readConfig(settings, [], { B: 'x' }))).toBe(true);
  });

  it('is refused with everything that is wrong at once, and without secrets', () => {
    const read = () => readConfig(settings, [rule], { A: '12', B: 'z', KEY: 'hunter2' });
    expect(read).toThrow(
      `the configuration cannot be used:
  A is "12"; expected a whole number from 0 to 9
  B is "z"; expected one of x, y
  KEY is set to something else; expected a URL that starts with https://`,
    );
  });

  it('is refused by every rule it breaks', () => {
    expect(issuesOf(() => readConfig(settings, [rule, rule], { A: '2', B: 'x' }))).toEqual([
      { name: 'A', found: '2', expected: 'an odd number' },
      { name: 'A', found: '2', expected: 'an odd number' },
    ]);
  });

  it('is described as a table', () => {
    expect(describeSettings(settings)).toBe(
      `| setting | default | expected | meaning |
| --- | --- | --- | --- |
| \`A\` | \`5\` | a whole number from 0 to 9 | first |
| \`B\` | required | one of x, y | second |
| \`KEY\` | – | a URL that starts with https:// | third |`,
    );
  });
});

describe('the common settings', () => {
  it('stand in the README as they are', () => {
    const readme = readFileSync(new URL('../../README.md', import.meta.url), 'utf8').replace(/ +/g, ' ');
    for (const row of describeSettings(commonSettings(3000)).split('\n').slice(3)) expect(readme).toContain(row);
  });

  it('need nothing on loopback', () => {
    expect(common({})).toMatchObject({
      port: 3000,
      host: '127.0.0.1',
      engine: 'embedded',
      authMode: null,
      rateLimitPerSecond: 100,
      drainTimeoutMs: 20_000,
    });
  });

  it.each(['127.0.0.1', '127.8.9.1', '::1', 'localhost'])('allow %s without authentication', (HOST) => {
    expect(issuesOf(() => common({ HOST }))).toEqual([]);
    expect(issuesOf(() => common({ HOST, AUTH_MODE: 'off' }))).toEqual([]);
  });

  it.each(['0.0.0.0', '::', '10.0.0.1', '127.0.0.1.example.com', 'example.com', '128.0.0.1'])(
    'refuse %s without authentication',
    (HOST) => {
      const expected = expect.stringContaining('jwt');
      expect(issuesOf(() => common({ HOST }))).toEqual([
        { name: 'AUTH_MODE', found: expect.stringContaining(HOST), expected },
      ]);
      expect(issuesOf(() => common({ HOST, AUTH_MODE: 'off' }))).toEqual([
        { name: 'AUTH_MODE', found: expect.stringContaining('"off"'), expected },
      ]);
      expect(issuesOf(() => common({ HOST, ...JWT }))).toEqual([]);
    },
  );

  it.each([
    [{ AUTH_JWKS_FILE: '' }, ['AUTH_JWKS_FILE']],
    [{ AUTH_JWKS_URL: 'https://i.test/keys' }, ['AUTH_JWKS_FILE']],
    [{ AUTH_ISSUER: '', AUTH_AUDIENCE: '' }, ['AUTH_ISSUER', 'AUTH_AUDIENCE']],
    [{ AUTH_JWKS_FILE: '', AUTH_JWKS_URL: 'http://i.test/keys' }, ['AUTH_JWKS_URL']],
    [{ AUTH_JWKS_FILE: '', AUTH_JWKS_URL: 'http://localhost:8080/keys' }, []],
    [{ AUTH_JWKS_FILE: '', AUTH_JWKS_URL: 'http://[::1]:8080/keys' }, []],
    [{ AUTH_MODE: 'JWT' }, ['AUTH_MODE']],
  ])('with AUTH_MODE=jwt and %j complain about %j', (change, names) => {
    expect(issuesOf(() => common({ ...JWT, ...change })).map(({ name }) => name)).toEqual(names);
  });

  it('take a named key set for AUTH_MODE=jwt', () => {
    expect(issuesOf(() => common({ AUTH_JWKS_FILE: 'keys.json' })).map(({ name }) => name)).toEqual([
      'AUTH_ISSUER',
      'AUTH_AUDIENCE',
    ]);
  });

  it.each(['scylla', 'cassandra'])('with the engine %s want to know the cluster', (ENGINE) => {
    const names = (more: Environment) => issuesOf(() => common({ ENGINE, ...more })).map(({ name }) => name);
    const cluster = { CONTACT_POINTS: '10.0.0.1', WRITE_DATACENTER: 'dc1' };
    expect(names({})).toEqual(['CONTACT_POINTS', 'WRITE_DATACENTER']);
    expect(names(cluster)).toEqual([]);
    expect(names({ ...cluster, KEYSPACE: 'Shop' })).toEqual(['KEYSPACE']);
    expect(names({ ...cluster, CQL_USERNAME: 'shop' })).toEqual(['CQL_PASSWORD']);
    expect(names({ ...cluster, CQL_PASSWORD: 'secret' })).toEqual(['CQL_USERNAME']);
  });

  it('refuse a cluster that nobody would use', () => {
    expect(issuesOf(() => common({ CONTACT_POINTS: '10.0.0.1' }))).toEqual([
      {
        name: 'ENGINE',
        found: '"embedded" while CONTACT_POINTS names a cluster',
        expected: 'scylla or cassandra, or no CONTACT_POINTS',
      },
    ]);
  });
});
