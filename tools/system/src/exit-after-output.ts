/** How long a slow reader may take to read what is left. */
const FLUSH_TIMEOUT_MS = 1000;

/** Ends this process with `code` once its output has been taken, or soon: a pipe that nobody reads must not keep it alive. */
export function exitAfterOutput(code: number): void {
  process.exitCode = code;
  setTimeout(() => process.exit(code), FLUSH_TIMEOUT_MS).unref();
  let waiting = 2;
  for (const stream of [process.stdout, process.stderr]) {
    stream.write('', () => {
      waiting -= 1;
      if (waiting === 0) process.exit(code);
    });
  }
}
