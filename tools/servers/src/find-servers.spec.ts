import { ServerAddressError, ServersUnavailableError } from './errors.js';
import { describeMissing, findServers } from './find-servers.js';
import { environmentOf } from './found-servers.js';

/** A machine on which there is neither Docker nor Java. */
const BARE = { CHRONICLE_SCYLLA_IMAGE: '', CHRONICLE_REDPANDA_IMAGE: '', JAVA_HOME: '/nowhere' };
const NOBODY = '127.0.0.1:1';

describe('the search for servers', () => {
  it('given a bare machine, finds none and says of each place why', async () => {
    const { cassandra, kafka, missing } = await findServers(['cassandra', 'kafka'], { environment: BARE });
    expect([cassandra, kafka]).toEqual([undefined, undefined]);
    expect(missing.map(describeMissing)).toEqual(
      ['cassandra', 'kafka'].map((kind) =>
        expect.stringMatching(
          `^no ${kind} to be had:\n  - Docker: its image is set to nothing\n  - /nowhere/bin/java does not run`,
        ),
      ),
    );
  });

  it('given a bare machine and CI=true, fails', async () => {
    const search = findServers(['kafka'], { environment: { ...BARE, CI: 'true' } });
    await expect(search).rejects.toThrow(ServersUnavailableError);
    await expect(search).rejects.toThrow(/CI=true.*no kafka to be had/s);
  });

  it('given kinds that nobody asked for, does not look for them', async () => {
    const environment = { ...BARE, CHRONICLE_CASSANDRA: NOBODY };
    expect((await findServers(['kafka'], { environment })).missing.map(({ kind }) => kind)).toEqual(['kafka']);
  });

  it.each([
    ['CHRONICLE_CASSANDRA', 'cassandra'],
    ['CHRONICLE_SCYLLA', 'cassandra'],
    ['CHRONICLE_KAFKA', 'kafka'],
  ] as const)('given a server in %s that does not answer, fails instead of taking another one', async (name, kind) => {
    const search = findServers([kind], { environment: { ...BARE, [name]: NOBODY } });
    await expect(search).rejects.toThrow(ServerAddressError);
    await expect(search).rejects.toThrow(`${NOBODY}, named in the environment, does not answer`);
  });

  it('given an address without a port, says what it expects', async () => {
    const search = findServers(['kafka'], { environment: { ...BARE, CHRONICLE_KAFKA: 'localhost' } });
    await expect(search).rejects.toThrow('CHRONICLE_KAFKA: expected host:port[,host:port…], found "localhost"');
  });

  it('given both a Cassandra and a Scylla, wants one of them', async () => {
    const environment = { CHRONICLE_CASSANDRA: NOBODY, CHRONICLE_SCYLLA: NOBODY };
    await expect(findServers(['cassandra'], { environment })).rejects.toThrow('are both set');
  });

  it('given what was found, names it as a user would', () => {
    const localDataCenter = 'datacenter1';
    const source = 'docker';
    const scylla = { engine: 'scylla', contactPoints: ['a:1', 'b:1'], localDataCenter, source } as const;
    expect(environmentOf({ cassandra: scylla, kafka: { brokers: ['c:2'], source } })).toEqual({
      CHRONICLE_SCYLLA: 'a:1,b:1',
      CHRONICLE_LOCAL_DATA_CENTER: 'datacenter1',
      CHRONICLE_KAFKA: 'c:2',
    });
    expect(environmentOf({ cassandra: { ...scylla, engine: 'cassandra' } })).toEqual({
      CHRONICLE_CASSANDRA: 'a:1,b:1',
      CHRONICLE_LOCAL_DATA_CENTER: 'datacenter1',
    });
  });
});
