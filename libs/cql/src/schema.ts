import { readFile, readdir } from 'node:fs/promises';
import type { Migration } from './migrate.js';

/** Where the dialects differ in the schema. */
export interface SchemaOptions {
  readonly dialect: 'scylla' | 'cassandra';
  /** How long the change log keeps an event, in seconds (default 7 days). */
  readonly changeLogRetentionS?: number;
}

const CHANGE_LOG_RETENTION_S = 7 * 24 * 60 * 60;
const folder = new URL('../schema/', import.meta.url);

/** The platform's migrations for one dialect, from the `.cql` files beside this library. */
export async function platformMigrations(options: SchemaOptions): Promise<readonly Migration[]> {
  const { dialect, changeLogRetentionS = CHANGE_LOG_RETENTION_S } = options;
  const names = (await readdir(folder)).filter((name) => /^\d{3}-/.test(name) || name.startsWith(`${dialect}-`));
  return Promise.all(
    names.map(async (name) => ({
      id: name.replace(/\.cql$/, '').replace(/^[a-z]+-(\d{3})/, '$1'),
      cql: fill(await readFile(new URL(name, folder), 'utf8'), {
        change_log_retention_s: String(changeLogRetentionS),
        // ScyllaDB's own window for a log that expires: a 24th of its TTL.
        change_log_window_minutes: String(Math.ceil(changeLogRetentionS / 24 / 60)),
        outbox_change_log:
          dialect === 'scylla' ? `\n  AND cdc = {'enabled': true, 'delta': 'full', 'ttl': ${changeLogRetentionS}}` : '',
      }),
    })),
  );
}

function fill(text: string, values: Readonly<Record<string, string>>): string {
  return text.replace(/\{\{(\w+)\}\}/g, (_, name: string) => {
    const value = values[name];
    if (value === undefined) throw new Error(`the schema asks for {{${name}}}, which nobody gives`);
    return value;
  });
}
