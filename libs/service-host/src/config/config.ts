import { refused, type Setting } from './setting.js';

/** The settings of a process by the name its code uses. */
export type Settings = Readonly<Record<string, Setting<unknown>>>;

/** The frozen configuration that {@link readConfig} makes of settings `S`. */
export type ConfigOf<S extends Settings> = { readonly [Key in keyof S]: S[Key] extends Setting<infer T> ? T : never };

/** A setting that cannot be used: which, what was found (never a secret) and what is expected. */
export interface ConfigIssue {
  readonly name: string;
  readonly found: string;
  readonly expected: string;
}

/** A rule between settings: answers what is wrong, or null. Runs only when every single setting is good. */
export type ConfigRule<C> = (config: C) => ConfigIssue | null;

/** The environment, or what stands for it in a spec. */
export type Environment = Readonly<Record<string, string | undefined>>;

/** Exit code of a process that refuses its configuration (EX_CONFIG of sysexits.h): restarting does not help, changing a setting does. */
export const CONFIG_EXIT_CODE = 78;

/** Thrown with everything that is wrong with the configuration at once. The process does not start; the operator corrects the settings named. */
export class ConfigError extends Error {
  readonly code = 'config-invalid';
  constructor(readonly issues: readonly ConfigIssue[]) {
    const lines = issues.map((issue) => `  ${issue.name} is ${issue.found}; expected ${issue.expected}`);
    super(`the configuration cannot be used:\n${lines.join('\n')}`);
    this.name = 'ConfigError';
  }
}

/**
 * Reads `settings` from `environment`, applies the rules between them and freezes the result. Throws {@link ConfigError}
 * that names every bad setting, not only the first. Variables that no setting names are left alone.
 */
export function readConfig<S extends Settings>(
  settings: S,
  rules: readonly ConfigRule<ConfigOf<S>>[],
  environment: Environment,
): ConfigOf<S> {
  const issues: ConfigIssue[] = [];
  const values: Record<string, unknown> = {};
  for (const [key, setting] of Object.entries(settings))
    values[key] = readSetting(setting, environment[setting.name], issues);
  if (issues.length > 0) throw new ConfigError(issues);
  const config = Object.freeze(values) as ConfigOf<S>;
  const broken = rules.map((rule) => rule(config)).filter((issue) => issue !== null);
  if (broken.length > 0) throw new ConfigError(broken);
  return config;
}

function readSetting(setting: Setting<unknown>, text: string | undefined, issues: ConfigIssue[]): unknown {
  if (text === undefined || text === '') {
    if (setting.fallback) return setting.fallback.value;
    issues.push({ name: setting.name, found: 'not set', expected: setting.expects });
    return undefined;
  }
  const value = setting.parse(text);
  if (value === refused) {
    issues.push({
      name: setting.name,
      found: setting.secret ? 'set to something else' : JSON.stringify(text),
      expected: setting.expects,
    });
  }
  return value;
}

/** The settings as a Markdown table (name, default, expected, meaning) for the README of an app. */
export function describeSettings(settings: Settings): string {
  const rows = Object.values(settings).map((setting) => {
    const fallback = !setting.fallback
      ? 'required'
      : setting.fallback.value === null
        ? '–'
        : `\`${String(setting.fallback.value)}\``;
    return `| \`${setting.name}\` | ${fallback} | ${setting.expects} | ${setting.about} |`;
  });
  return ['| setting | default | expected | meaning |', '| --- | --- | --- | --- |', ...rows].join('\n');
}
