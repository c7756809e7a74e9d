import { setFlagsFromString } from 'node:v8';
import { systemClock } from '@chronicle/seams';
import { EXIT } from './command.js';
import { commands } from './commands.js';
import { runCli } from './run-cli.js';

// Scans make garbage at a rate for which V8 would make the heap 150 MB larger, and gain next to nothing.
setFlagsFromString('--semi-space-growth-factor=1');
setFlagsFromString('--heap-growing-percent=10');

/** How long a command that was interrupted may take to end in order. */
const END_IN_ORDER_MS = 1000;

/** `npm run --silent cli -- COMMAND ...`. On Ctrl-C a command ends in order, or soon: what it reads, it leaves as it is. */
const interruption = new AbortController();
for (const signal of ['SIGINT', 'SIGTERM'] as const) {
  process.once(signal, () => {
    interruption.abort();
    setTimeout(() => process.exit(EXIT.couldNot), END_IN_ORDER_MS).unref();
  });
}
process.stdout.on('error', (error: NodeJS.ErrnoException) => {
  if (error.code !== 'EPIPE') throw error;
  process.exit(); // the reader (head, a pager) has seen enough
});

process.exitCode = await runCli({
  args: process.argv.slice(2),
  commands,
  streams: process,
  clock: systemClock,
  environment: process.env,
  callersFolder: process.env['INIT_CWD'] ?? process.cwd(),
  signal: interruption.signal,
});
