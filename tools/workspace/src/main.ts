import { globSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { checkLock, type Lock } from './check-lock.js';
import { checkTags, type Boundaries, type TaggedProject } from './check-tags.js';

/** `npm run check`: what the other tools do not find in the workspace itself. Exits 1 when something is found. */
const root = join(import.meta.dirname, '../../..');
const boundaries = (await import(pathToFileURL(join(root, 'boundaries.mjs')).href)) as Boundaries;
const projects = readProjects();
const findings = [...checkTags(projects, boundaries), ...checkLock(readJson<Lock>(join(root, 'package-lock.json')))];
for (const finding of findings) console.error(finding);
if (findings.length === 0) console.log(`${projects.length} projects are tagged, the lock file is complete`);
process.exitCode = findings.length === 0 ? 0 : 1;

function readProjects(): TaggedProject[] {
  const { workspaces } = readJson<{ workspaces: string[] }>(join(root, 'package.json'));
  return workspaces
    .flatMap((pattern) => globSync(join(root, pattern, 'package.json')))
    .map((path) => readJson<{ name: string; nx?: { tags?: string[] } }>(path))
    .map(({ name, nx }) => ({ name, tags: nx?.tags ?? [] }));
}

function readJson<T>(path: string): T {
  return JSON.parse(readFileSync(path, 'utf8')) as T;
}
