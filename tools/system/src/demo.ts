import { runDemo } from './demo-command.js';
import { exitAfterOutput } from './exit-after-output.js';

exitAfterOutput(await runDemo(process.argv.slice(2), process.env));
