import { systemClock } from '@chronicle/seams';
import { commands } from './commands.js';
import { runCli } from './run-cli.js';

/** `npm run --silent cli -- COMMAND ...`. The first Ctrl-C ends the command in order, the second at once. */
const interruption = new AbortController();
process.once('SIGINT', () => interruption.abort());
process.once('SIGTERM', () => interruption.abort());
process.stdout.on('error', (error: NodeJS.ErrnoException) => {
  if (error.code !== 'EPIPE') throw error;
  process.exit(); // the reader (head, a pager) has seen enough
});

process.exitCode = await runCli({
  args: process.argv.slice(2),
  commands,
  streams: process,
  clock: systemClock,
  callersFolder: process.env['INIT_CWD'] ?? process.cwd(),
  signal: interruption.signal,
});
