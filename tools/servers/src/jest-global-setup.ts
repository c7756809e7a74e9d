import { describeMissing, findServers } from './find-servers.js';
import type { FoundServers } from './find-servers.js';
import { environmentOf } from './found-servers.js';
import { stopwatch } from './progress.js';
import { SERVER_KINDS } from './server-record.js';
import type { ServerKind } from './server-record.js';

/** What is read of a project's jest.config.mjs. */
interface ProjectConfig {
  readonly displayName?: { readonly name: string };
  readonly globals: { readonly servers?: readonly string[] };
}

let found: FoundServers | undefined;

/**
 * Jest's `globalSetup`: finds or starts the servers named in `globals.servers` of the project (default: all kinds) once per
 * run, and hands their addresses to the specs in the variables by which a user would name them. Specs whose server is missing
 * skip themselves; here it is said, loudly and by name, and with `CI=true` the run fails.
 */
export default async function setUp(_globalConfig: unknown, project: ProjectConfig): Promise<void> {
  const name = project.displayName?.name ?? 'specs';
  const kinds = (project.globals.servers ?? SERVER_KINDS).map(knownKind);
  const print = (line: string) => void process.stderr.write(`${name}: ${line}\n`);
  found = await findServers(kinds, { progress: stopwatch(print) });
  for (const missing of found.missing) {
    print(`SKIPPED: the suites that need ${missing.kind} are not run; ${describeMissing(missing)}`);
  }
  Object.assign(process.env, environmentOf(found));
}

/** Ends what `setUp` started. */
export async function tearDown(): Promise<void> {
  await found?.stop();
  found = undefined;
}

function knownKind(name: string): ServerKind {
  const kind = SERVER_KINDS.find((known) => known === name);
  if (kind) return kind;
  throw new Error(`globals.servers: ${name} is unknown; expected some of ${SERVER_KINDS.join(', ')}`);
}
