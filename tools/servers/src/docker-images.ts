import type { Progress } from './progress.js';
import { runCommand } from './run-command.js';
import type { CommandResult } from './run-command.js';

const ASK_TIMEOUT_MS = 5_000;
const PULL_TIMEOUT_MS = 120_000;

type Run = (command: string, args: readonly string[], timeoutMs: number) => Promise<CommandResult>;

/** Undefined when an engine of Docker answers and has `image`, maybe after fetching it; else why not. Bounded in time. */
export async function whyNoImage(
  image: string,
  progress: Progress,
  run: Run = runCommand,
): Promise<string | undefined> {
  if (image === '') return 'its image is set to nothing';
  const engine = await run('docker', ['version', '--format', '{{.Server.Version}}'], ASK_TIMEOUT_MS);
  if (engine.failed) return `no engine answers (${firstLine(engine.output)})`;
  const present = await run('docker', ['image', 'inspect', '--format', '{{.Id}}', image], ASK_TIMEOUT_MS);
  if (!present.failed) return undefined;
  progress(`pulling ${image}, for ${PULL_TIMEOUT_MS / 1000} s at most`);
  const pull = await run('docker', ['pull', '--quiet', image], PULL_TIMEOUT_MS);
  return pull.failed ? `${image} is not here and cannot be pulled (${firstLine(pull.output)})` : undefined;
}

function firstLine(text: string): string {
  return text.split('\n').find((line) => line.trim() !== '') ?? 'it said nothing';
}
