import { execFile } from 'node:child_process';

/** How a command ended. `failed` covers all: not found, exit code, time is up. */
export interface CommandResult {
  readonly failed: boolean;
  /** Standard output and standard error, trimmed; the reason when the command could not be run. */
  readonly output: string;
}

const OUTPUT_BYTES_MAX = 1_000_000;

/** Runs a command to its end, or kills it after `timeoutMs`. Never throws, never hangs. */
export function runCommand(command: string, args: readonly string[], timeoutMs: number): Promise<CommandResult> {
  return new Promise((done) => {
    const options = { timeout: timeoutMs, killSignal: 'SIGKILL', maxBuffer: OUTPUT_BYTES_MAX } as const;
    execFile(command, [...args], options, (error, stdout, stderr) => {
      const printed = `${stdout}${stderr}`.trim();
      if (!error) return done({ failed: false, output: printed });
      const reason = error.killed ? `no end after ${timeoutMs / 1000} s` : error.message;
      done({ failed: true, output: printed || reason });
    });
  });
}
