import { isIPv4 } from 'node:net';
import type { ConfigIssue, ConfigOf, ConfigRule } from './config.js';
import { datacenterIsNamed, engineRules, engineSettings } from './engine-settings.js';
import { setting } from './setting.js';

/** The settings that every app has; `defaultPort` is the app's own. */
export function commonSettings(defaultPort: number) {
  return {
    port: setting.port('PORT', { default: defaultPort, about: 'TCP port of HTTP; 0 takes a free one' }),
    host: setting.text('HOST', {
      default: '127.0.0.1',
      about: 'address to listen on; beyond loopback only with `AUTH_MODE=jwt`',
    }),
    logLevel: setting.oneOf('LOG_LEVEL', ['fatal', 'error', 'warn', 'info', 'debug', 'trace', 'silent'], {
      default: 'info',
      about: 'least level that is logged; `debug` logs every request',
    }),
    ...engineSettings(),
    authMode: setting.oneOf('AUTH_MODE', ['off', 'jwt'], {
      default: null,
      about:
        '`jwt`: a bearer token on every route but the public ones; `off`: anybody may do everything, on loopback only. Unset: `jwt` when a key set is named, else `off` on loopback',
    }),
    authJwksFile: setting.text('AUTH_JWKS_FILE', {
      default: null,
      about: 'JSON Web Key Set of the issuer as a file; read again when it changes',
    }),
    authJwksUrl: setting.url('AUTH_JWKS_URL', ['https:', 'http:'], {
      default: null,
      about: 'the same as a URL; `http:` on loopback only',
    }),
    authIssuer: setting.text('AUTH_ISSUER', { default: null, about: 'claim `iss` that tokens must carry' }),
    authAudience: setting.text('AUTH_AUDIENCE', { default: null, about: 'claim `aud` that tokens must carry' }),
    authCustomerClaim: setting.text('AUTH_CUSTOMER_CLAIM', {
      default: 'sub',
      about: 'claim that is the customerId of the caller',
    }),
    rateLimitPerSecond: setting.integer('RATE_LIMIT_PER_SECOND', {
      default: 100,
      min: 1,
      max: 1_000_000,
      about: 'requests per second and subject, and how many may come at once; not applied with `AUTH_MODE=off`',
    }),
    drainTimeoutMs: setting.integer('DRAIN_TIMEOUT_MS', {
      default: 20_000,
      min: 0,
      max: 600_000,
      about: 'bound in ms for finishing what is held after SIGTERM',
    }),
    failpoint: setting.text('FAILPOINT', {
      default: null,
      about: 'tests only: where to stop, kill, delay or fail (`name:nth:effect`)',
    }),
  };
}

export type CommonSettings = ReturnType<typeof commonSettings>;
export type CommonConfig = ConfigOf<CommonSettings>;

/** Is this the address of the machine itself, which nobody else can reach? */
export function isLoopback(host: string): boolean {
  return host === 'localhost' || host === '::1' || host === '[::1]' || (isIPv4(host) && host.startsWith('127.'));
}

/** The mode in force: what `AUTH_MODE` says; unset, `jwt` as soon as a key set is named and `off` otherwise. */
export function authModeOf(config: CommonConfig): 'off' | 'jwt' {
  return config.authMode ?? (config.authJwksFile !== null || config.authJwksUrl !== null ? 'jwt' : 'off');
}

/** The rules between the common settings. */
export const commonRules: readonly ConfigRule<CommonConfig>[] = [
  ...engineRules,
  datacenterIsNamed,
  (config) =>
    authModeOf(config) === 'jwt' || isLoopback(config.host)
      ? null
      : {
          name: 'AUTH_MODE',
          found: `${config.authMode === null ? 'not set' : '"off"'} while HOST ${JSON.stringify(config.host)} can be reached from other machines`,
          expected: 'jwt, or a HOST of loopback (127.0.0.1, ::1, localhost)',
        },
  whenJwt(({ authJwksFile, authJwksUrl }) => {
    if ((authJwksFile === null) !== (authJwksUrl === null)) return null;
    const found = authJwksFile === null ? 'not set, nor is AUTH_JWKS_URL' : 'set, and AUTH_JWKS_URL too';
    return { name: 'AUTH_JWKS_FILE', found, expected: 'exactly one of the two, as AUTH_MODE is jwt' };
  }),
  whenJwt(({ authIssuer }) => missing('AUTH_ISSUER', authIssuer)),
  whenJwt(({ authAudience }) => missing('AUTH_AUDIENCE', authAudience)),
  whenJwt(({ authJwksUrl }) => {
    if (authJwksUrl === null || authJwksUrl.startsWith('https:') || isLoopback(new URL(authJwksUrl).hostname))
      return null;
    return {
      name: 'AUTH_JWKS_URL',
      found: JSON.stringify(authJwksUrl),
      expected: 'https: who can change the keys on their way can make tokens',
    };
  }),
];

function whenJwt(rule: ConfigRule<CommonConfig>): ConfigRule<CommonConfig> {
  return (config) => (authModeOf(config) === 'jwt' ? rule(config) : null);
}

function missing(name: string, value: string | null): ConfigIssue | null {
  return value === null ? { name, found: 'not set', expected: 'a text, as AUTH_MODE is jwt' } : null;
}
