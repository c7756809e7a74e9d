import { mkdirSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { EngineConfig } from '@chronicle/engine';
import { isAlive } from '@chronicle/process-identity';
import type { ProcessIdentity } from '@chronicle/process-identity';

/** One running app, as `system.json` tells of it. */
export interface RunningApp extends ProcessIdentity {
  readonly name: string;
  readonly port: number;
  readonly url: string;
}

/** What runs on a data directory, and the engine that it uses (without its password). */
export interface RunningSystem extends EngineConfig {
  readonly supervisor: ProcessIdentity;
  readonly startedAt: string;
  readonly basePort: number;
  readonly apps: readonly RunningApp[];
}

/** Another supervisor runs the apps of this data directory. */
export class DataDirInUseError extends Error {
  readonly code = 'data-dir-in-use';
  constructor(readonly system: RunningSystem) {
    super(
      `${system.dataDir} belongs to a running system: its supervisor is process ${system.supervisor.pid}, on base port ${system.basePort}. ` +
        'Stop that one, or name another folder with --data-dir',
    );
    this.name = 'DataDirInUseError';
  }
}

const FILE_NAME = 'system.json';

/** The system that runs on `dataDir`, or undefined when none does. Processes of other machines cannot be seen. */
export function readRunningSystem(dataDir: string): RunningSystem | undefined {
  const found = readSystemFile(dataDir);
  return found && isRunning(found) ? found : undefined;
}

/** Apps of a supervisor that was killed: they have noticed and are draining. */
export function orphansOf(dataDir: string): readonly RunningApp[] {
  const found = readSystemFile(dataDir);
  return found && !isRunning(found) ? found.apps.filter((app) => isAlive(app)) : [];
}

/**
 * `system.json` of a data directory, from which tools learn pids and ports. Claimed by one supervisor at a time: the file is
 * made with "only if absent", so of two that start together one gets {@link DataDirInUseError}.
 */
export class SystemFile {
  static claim(system: RunningSystem): SystemFile {
    mkdirSync(system.dataDir, { recursive: true });
    const file = new SystemFile(system.dataDir);
    const before = readSystemFile(system.dataDir);
    if (before && isRunning(before)) throw new DataDirInUseError(before);
    if (before) rmSync(file.path, { force: true });
    try {
      writeFileSync(file.path, render(system), { flag: 'wx' });
    } catch (error) {
      const winner = readSystemFile(system.dataDir);
      throw winner && isRunning(winner) ? new DataDirInUseError(winner) : error;
    }
    return file;
  }

  private readonly path: string;
  private constructor(dataDir: string) {
    this.path = join(dataDir, FILE_NAME);
  }

  /** Readers see the old text or the new one, never half of it. */
  update(system: RunningSystem): void {
    const next = `${this.path}.${process.pid}.next`;
    writeFileSync(next, render(system));
    renameSync(next, this.path);
  }

  release(): void {
    rmSync(this.path, { force: true });
  }
}

function readSystemFile(dataDir: string): RunningSystem | undefined {
  try {
    return JSON.parse(readFileSync(join(dataDir, FILE_NAME), 'utf8')) as RunningSystem;
  } catch {
    return undefined; // absent, or torn by a power cut: nothing that was written before a cut still runs
  }
}

function isRunning(system: RunningSystem): boolean {
  return isAlive(system.supervisor);
}

function render(system: RunningSystem): string {
  return `${JSON.stringify(system, null, 2)}\n`;
}
