import { APPS } from './apps.js';
import { exitAfterOutput } from './exit-after-output.js';
import { runStart } from './start-command.js';

// Output to a pipe that is gone (`npm start | head`) is lost; the apps run on.
for (const stream of [process.stdout, process.stderr]) stream.on('error', () => {});

exitAfterOutput(await runStart(process.argv.slice(2), process.env, APPS));
