import { createHash } from 'node:crypto';
import { existsSync, mkdirSync, readFileSync, renameSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { ServersUnavailableError } from './errors.js';
import type { Progress } from './progress.js';
import { runCommand } from './run-command.js';

const FETCH_TIMEOUT_MS = 300_000;
const PROJECT = join(import.meta.dirname, '..');
const JARS = join(PROJECT, '../../.servers/jars');

/** A folder of this project with a pom.xml. */
export type Distribution = 'cassandra' | 'kafka';

/** The file `name` of a distribution, as an absolute path. */
export function distributionFile(distribution: Distribution, name: string): string {
  return join(PROJECT, distribution, name);
}

/**
 * The folder with the jars of a server, fetched by Maven when it is not there yet; later calls need neither Maven nor a
 * network. It appears whole or not at all, so runs that fetch at the same time do not disturb each other.
 */
export async function fetchJars(distribution: Distribution, progress: Progress): Promise<string> {
  const pom = distributionFile(distribution, 'pom.xml');
  const { coordinate, folderName } = readCoordinate(pom);
  const folder = join(JARS, folderName);
  if (existsSync(folder)) return folder;
  progress(`fetching ${coordinate} with Maven (only this once)`);
  mkdirSync(JARS, { recursive: true });
  const half = `${folder}.${process.pid}.half`;
  const goal = ['dependency:copy-dependencies', `-DoutputDirectory=${half}`, '-DincludeScope=runtime'];
  const { failed, output } = await runCommand('mvn', ['-B', '-q', '-f', pom, ...goal], FETCH_TIMEOUT_MS);
  if (failed) {
    rmSync(half, { recursive: true, force: true });
    throw new ServersUnavailableError(
      `Maven did not fetch ${coordinate}: ${output.split('\n').slice(0, 5).join('\n')}`,
    );
  }
  publish(half, folder);
  return folder;
}

function publish(half: string, folder: string): void {
  try {
    renameSync(half, folder);
  } catch (error) {
    rmSync(half, { recursive: true, force: true });
    if (!existsSync(folder)) throw error; // else another run was first
  }
}

/** What the first dependency of a pom is called, and a folder that no other pom shares: another content, another folder. */
function readCoordinate(pom: string): { coordinate: string; folderName: string } {
  const text = readFileSync(pom, 'utf8');
  const dependency = /<dependency>([\s\S]*?)<\/dependency>/.exec(text)?.[1] ?? '';
  const [group, artifact, version] = ['groupId', 'artifactId', 'version'].map(
    (name) => new RegExp(`<${name}>(.+)</${name}>`).exec(dependency)?.[1],
  );
  if (!group || !artifact || !version)
    throw new Error(`${pom}: found no <dependency> with group, artifact and version`);
  const digest = createHash('sha256').update(text).digest('hex').slice(0, 8);
  return { coordinate: `${group}:${artifact}:${version}`, folderName: `${artifact}-${version}-${digest}` };
}
