import type { ConfigOf, ConfigRule } from './config.js';
import { setting } from './setting.js';

/** The settings that say where data lives: of every app, and of tools that look at the same data. */
export function engineSettings() {
  return {
    engine: setting.oneOf('ENGINE', ['embedded', 'scylla', 'cassandra'], {
      default: 'embedded',
      about: '`embedded`: files in `DATA_DIR`; `scylla`, `cassandra`: a cluster, named by `CONTACT_POINTS`',
    }),
    dataDir: setting.text('DATA_DIR', {
      default: 'data',
      about: 'folder of the embedded engine and of the topic, shared by the apps of one machine',
    }),
    contactPoints: setting.addresses('CONTACT_POINTS', {
      default: null,
      about:
        'nodes of the cluster that are asked first; one that answers is enough. Port 9042 unless named, the same for all nodes',
    }),
    writeDatacenter: setting.text('WRITE_DATACENTER', {
      default: null,
      about: 'the one datacentre that writes, repairs and reads the change log, the same for all apps',
    }),
    keyspace: setting.text('KEYSPACE', {
      default: 'chronicle',
      pattern: /^[a-z][a-z0-9_]{0,47}$/,
      expects: 'a lower-case name of up to 48 letters, digits and underscores',
      about: 'keyspace of the cluster, made by `cli migrate`',
    }),
    cqlUsername: setting.text('CQL_USERNAME', { default: null, about: 'user of the cluster, with `CQL_PASSWORD`' }),
    cqlPassword: setting.text('CQL_PASSWORD', { default: null, secret: true, about: 'password of `CQL_USERNAME`' }),
    changeLogRetentionHours: setting.integer('CHANGE_LOG_RETENTION_HOURS', {
      default: 7 * 24,
      min: 1,
      max: 90 * 24,
      about:
        'hours that the change log of a cluster keeps an event; what `cli migrate` was told, the same for all apps',
    }),
  };
}

export type EngineSettings = ReturnType<typeof engineSettings>;
type Config = ConfigOf<EngineSettings>;

/** The rules between the settings of {@link engineSettings}, for apps and tools. */
export const engineRules: readonly ConfigRule<Config>[] = [
  ({ engine, contactPoints }) =>
    engine === 'embedded' || contactPoints !== null
      ? null
      : { name: 'CONTACT_POINTS', found: 'not set', expected: `host:port[,host:port…], as ENGINE is ${engine}` },
  ({ engine, contactPoints }) =>
    engine !== 'embedded' || contactPoints === null
      ? null
      : {
          name: 'ENGINE',
          found: '"embedded" while CONTACT_POINTS names a cluster',
          expected: 'scylla or cassandra, or no CONTACT_POINTS',
        },
  ({ cqlUsername, cqlPassword }) => {
    if ((cqlUsername === null) === (cqlPassword === null)) return null;
    const missing = cqlUsername === null ? 'CQL_USERNAME' : 'CQL_PASSWORD';
    return { name: missing, found: 'not set', expected: 'both CQL_USERNAME and CQL_PASSWORD, or neither' };
  },
];

/** Apps are told it, lest one of them writes elsewhere; a tool may ask the cluster. */
export const datacenterIsNamed: ConfigRule<Config> = ({ engine, writeDatacenter }) =>
  engine === 'embedded' || writeDatacenter !== null
    ? null
    : { name: 'WRITE_DATACENTER', found: 'not set', expected: `a name, as ENGINE is ${engine}` };
