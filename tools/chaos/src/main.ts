import { systemEntropy } from '@chronicle/seams';
import { USAGE, UsageError, parseChaosOptions } from './chaos-options.js';
import { soak } from './soak.js';

/** `npm run chaos -- ...`. On Ctrl-C the faults end, and what happened until then is checked; on a second one, so does the run. */
const interruption = new AbortController();
for (const signal of ['SIGINT', 'SIGTERM'] as const) {
  process.once(signal, () => {
    interruption.abort();
    process.once(signal, () => process.exit(1));
  });
}
try {
  const randomSeed = Math.floor(systemEntropy.fraction() * 2 ** 32);
  const options = parseChaosOptions(process.argv.slice(2), process.env['INIT_CWD'] ?? process.cwd(), randomSeed);
  if (options.help) console.log(USAGE);
  else process.exitCode = (await soak(options, console.log, interruption.signal)) ? 0 : 1;
} catch (error) {
  if (!(error instanceof UsageError)) throw error;
  console.error(`${error.message}\n\n${USAGE}`);
  process.exitCode = 2;
}
