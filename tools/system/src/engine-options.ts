import type { EngineConfig } from '@chronicle/engine';
import { ConfigError, engineRules, engineSettings, readConfig, setting } from '@chronicle/service-host';
import type { ConfigOf } from '@chronicle/service-host';
import type { Environment } from './supervised-app.js';
import { UsageError } from './usage-error.js';

/** The options by which tools are told where data lives, and the environment variable that each stands for. */
export const ENGINE_OPTIONS = {
  engine: 'ENGINE',
  'contact-points': 'CONTACT_POINTS',
  'local-data-center': 'WRITE_DATACENTER',
  keyspace: 'KEYSPACE',
  replication: 'REPLICATION',
} as const;

/** The texts of {@link ENGINE_OPTIONS} that were given. */
export type EngineFlags = { readonly [Option in keyof typeof ENGINE_OPTIONS]?: string | undefined };

/** Where data lives, and how a keyspace that is to be made is replicated. */
export interface EngineOptions {
  readonly engine: EngineConfig;
  /** Replicas by datacentre; null: not said. */
  readonly replication: Readonly<Record<string, number>> | null;
}

const settings = {
  ...engineSettings(),
  replication: setting.text('REPLICATION', {
    default: null,
    pattern: /^[^\s:,]+:\d{1,2}(,[^\s:,]+:\d{1,2})*$/,
    expects: 'replicas by datacentre, such as dc1:3 or dc1:3,dc2:3',
    about: 'how a keyspace that is to be made is replicated',
  }),
};

/**
 * Reads where data lives from options, and from the environment what they leave out. Throws {@link UsageError}. A cluster without
 * contact points is accepted only if `ownCassandra` may stand in for it.
 */
export function readEngineOptions(
  flags: EngineFlags,
  environment: Environment,
  { dataDir, ownCassandra = false }: { readonly dataDir: string; readonly ownCassandra?: boolean },
): EngineOptions {
  const texts: Record<string, string | undefined> = { ...environment, DATA_DIR: dataDir };
  for (const [option, name] of Object.entries(ENGINE_OPTIONS)) {
    const text = flags[option as keyof EngineFlags];
    if (text === '') throw new UsageError(`--${option}: expected a value, found an empty text`);
    if (text !== undefined) texts[name] = text;
  }
  const isOwn = ownCassandra && texts['ENGINE'] === 'cassandra' && !texts['CONTACT_POINTS'];
  const { replication, ...engine } = read(texts, isOwn);
  return { engine, replication: replication === null ? null : replicasByDatacenter(replication) };
}

function read(texts: Environment, isOwn: boolean): ConfigOf<typeof settings> {
  try {
    return readConfig(settings, isOwn ? [] : engineRules, texts);
  } catch (error) {
    if (!(error instanceof ConfigError)) throw error;
    const options = Object.entries(ENGINE_OPTIONS);
    const lines = error.issues.map(({ name, found, expected }) => {
      const option = options.find(([, variable]) => variable === name)?.[0];
      return `${option ? `--${option}` : name} is ${found}; expected ${expected}`;
    });
    throw new UsageError(lines.join('\n'));
  }
}

function replicasByDatacenter(text: string): Readonly<Record<string, number>> {
  return Object.fromEntries(
    text.split(',').map((part) => {
      const [datacenter, factor] = part.split(':');
      return [datacenter, Number(factor)];
    }),
  );
}

/** The settings by which apps find that engine; a password is not among them, the apps inherit it. */
export function environmentOf(engine: EngineConfig): Environment {
  const { contactPoints, writeDatacenter, keyspace, changeLogRetentionHours } = engine;
  return {
    ENGINE: engine.engine,
    DATA_DIR: engine.dataDir,
    CONTACT_POINTS: contactPoints?.join(),
    WRITE_DATACENTER: writeDatacenter ?? undefined,
    KEYSPACE: keyspace,
    CHANGE_LOG_RETENTION_HOURS: changeLogRetentionHours?.toString(),
  };
}
