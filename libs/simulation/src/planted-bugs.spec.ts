import { spawnSync } from 'node:child_process';
import { readFileSync, readdirSync } from 'node:fs';
import { basename } from 'node:path';
import { fileURLToPath } from 'node:url';
import { SourceTree } from './source-tree.js';

const FOLDER = new URL('../patches/', import.meta.url);
/** Each was found within a small part of these; a change of the sources moves the seeds. */
const SCHEDULES = 20_000;
const TIMEOUT_MS = 300_000;

/** What a patch says above its diff. */
interface Planted {
  readonly name: string;
  readonly path: string;
  readonly profile: string;
  readonly finds: string;
}

const planted = readdirSync(FOLDER)
  .filter((file) => file.endsWith('.patch'))
  .map(plantedIn);

describe('a mistake planted in the real sources', () => {
  let tree: SourceTree;
  beforeAll(() => {
    tree = SourceTree.create();
  });
  afterAll(() => tree.remove());

  it.each(planted)(
    '$name is found',
    ({ path, profile, finds, name }) => {
      tree.apply(path);
      try {
        const given = [tree.main, profile, '--seeds', `1-${SCHEDULES}`, '--patched', name];
        const { stdout, stderr } = spawnSync(process.execPath, given, { encoding: 'utf8' });
        expect(stdout + stderr).toContain(finds);
        expect(stdout).toMatch(
          new RegExp(`replay it with: npm run simulate -- ${profile} --seed \\d+ --patch ${name}`),
        );
      } finally {
        tree.revert(path);
      }
    },
    TIMEOUT_MS,
  );

  it('is one of those that the search of the models finds as well, and of the reader and the workers', () => {
    expect(planted.map(({ name }) => name)).toEqual([
      '01-intent-before-load',
      '02-no-fence',
      '03-one-intent-key-per-writer',
      '04-intent-without-its-count',
      '05-unknown-outcome-settled-by-a-read',
      '06-outbox-rewritten-with-an-old-timestamp',
      '07-checkpoint-before-effect',
      '08-safe-line-moved-before-its-pass',
      '09-window-smaller-than-skew',
      '10-generation-entered-too-early',
      '11-a-dead-instance-goes-on-writing',
      '12-a-refusal-decided-from-the-cache',
      '13-keys-compared-and-no-row-read',
    ]);
  });
});

function plantedIn(file: string): Planted {
  const path = fileURLToPath(new URL(file, FOLDER));
  const text = readFileSync(path, 'utf8');
  const said = (key: string) => {
    const value = new RegExp(`^${key}: (.+)$`, 'm').exec(text)?.[1];
    if (value === undefined) throw new Error(`${file}: expected a line "${key}: …" above the diff`);
    return value;
  };
  return { name: basename(file, '.patch'), path, profile: said('profile'), finds: said('finds') };
}
