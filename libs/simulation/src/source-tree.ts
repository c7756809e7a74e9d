import { execFileSync } from 'node:child_process';
import {
  cpSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  readdirSync,
  realpathSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join, relative } from 'node:path';
import { fileURLToPath } from 'node:url';
import { transformSync } from '@swc/core';

const WORKSPACE = fileURLToPath(new URL('../../../', import.meta.url));
const SIMULATION = '@chronicle/simulation';
const SCOPE = '@chronicle/';

interface Manifest {
  readonly dependencies?: Readonly<Record<string, string>>;
  readonly peerDependencies?: Readonly<Record<string, string>>;
}

/**
 * A copy of the sources that the simulation runs, and of its own, in a temporary folder, compiled so that Node runs it as it is: it can
 * be patched, and shows what the sources are now, whatever was built last.
 */
export class SourceTree {
  readonly #folder: string;

  private constructor(folder: string) {
    this.#folder = folder;
  }

  static create(): SourceTree {
    const tree = new SourceTree(mkdtempSync(join(tmpdir(), 'chronicle-simulation-')));
    tree.#link(SIMULATION, new Set());
    return tree;
  }

  /** The program of the simulation in this tree. */
  get main(): string {
    return join(this.#folder, 'libs/simulation/dist/main.js');
  }

  /** Applies a patch to the sources. Throws what `git apply` says when it does not fit them any more. */
  apply(patch: string): void {
    this.#patch(patch, []);
  }

  revert(patch: string): void {
    this.#patch(patch, ['--reverse']);
  }

  remove(): void {
    rmSync(this.#folder, { recursive: true, force: true });
  }

  #patch(patch: string, options: readonly string[]): void {
    execFileSync('git', ['apply', ...options, patch], { cwd: this.#folder, stdio: ['ignore', 'pipe', 'pipe'] });
    const touched = readFileSync(patch, 'utf8').matchAll(/^\+\+\+ b\/(.*)$/gm);
    for (const [, path] of touched) compile(join(this.#folder, path!));
  }

  /** Copies a package of the workspace with all that it depends on. */
  #link(name: string, linked: Set<string>): void {
    if (linked.has(name)) return;
    linked.add(name);
    const target = join(this.#folder, 'node_modules', name);
    mkdirSync(dirname(target), { recursive: true });
    if (!name.startsWith(SCOPE)) return symlinkSync(join(WORKSPACE, 'node_modules', name), target);
    const path = pathOf(name);
    const copy = join(this.#folder, path);
    symlinkSync(copy, target);
    const manifest = join(WORKSPACE, path, 'package.json');
    cpSync(join(WORKSPACE, path, 'src'), join(copy, 'src'), { recursive: true, filter: (file) => !isOfTests(file) });
    cpSync(manifest, join(copy, 'package.json'));
    for (const file of readdirSync(join(copy, 'src'), { recursive: true, encoding: 'utf8' })) {
      if (file.endsWith('.ts')) compile(join(copy, 'src', file));
    }
    const { dependencies, peerDependencies } = JSON.parse(readFileSync(manifest, 'utf8')) as Manifest;
    for (const needed of Object.keys({ ...dependencies, ...peerDependencies })) this.#link(needed, linked);
  }
}

/** Where a package of the workspace is: npm has linked it into `node_modules`. */
function pathOf(name: string): string {
  return relative(WORKSPACE, realpathSync(join(WORKSPACE, 'node_modules', name)));
}

function compile(source: string): void {
  const { code } = transformSync(readFileSync(source, 'utf8'), {
    filename: source,
    swcrc: false,
    sourceMaps: 'inline',
    module: { type: 'es6' },
    jsc: { target: 'es2023', keepClassNames: true, parser: { syntax: 'typescript' } },
  });
  const target = source.replace('/src/', '/dist/').replace(/\.ts$/, '.js');
  mkdirSync(dirname(target), { recursive: true });
  writeFileSync(target, code);
}

function isOfTests(file: string): boolean {
  return /\.(spec|fixture)\.ts$/.test(file);
}
