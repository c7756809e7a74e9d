import { runBench } from './run-bench.js';

/** `npm run bench`. */
process.exitCode = await runBench(process.argv.slice(2), process.env['INIT_CWD'] ?? process.cwd(), process);
