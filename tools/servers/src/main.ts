import { runServers } from './servers-command.js';

/** `npm run servers`: what was started runs on when this command has ended. */
process.exitCode = await runServers(process.argv.slice(2), process.env['INIT_CWD'] ?? process.cwd(), {
  out: (line) => console.log(line),
  progress: (line) => console.error(line),
});
