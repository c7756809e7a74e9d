import { openTopicReader } from '@chronicle/engine';
import type { TopicReader } from '@chronicle/relay-core';
import { wantsColour } from './console-output.js';
import { DemoFailedError, DemoNarrator } from './demo-narrator.js';
import { tellDemo } from './demo-story.js';
import { HttpClient, NoAnswerError } from './http-client.js';
import { HOST } from './ports.js';
import { parseStartOptions } from './start-options.js';
import type { Environment } from './supervised-app.js';
import { readRunningSystem } from './system-file.js';
import { UsageError } from './usage-error.js';

const HELP = `Takes two orders through their lives in a running system (\`npm start\`) and shows what happens.

  npm run demo -- [--base-port N] [--data-dir DIR]

  --base-port N    as given to npm start (default 3000)
  --data-dir DIR   as given to npm start (default: DATA_DIR, else data in the repository); where the published messages are read
  --help           this text
`;

const TOPIC = 'orders.events';

/** Runs `npm run demo`. Resolves with the exit code: 0 all as it should be, 1 not, 2 misunderstood. */
export async function runDemo(args: readonly string[], environment: Environment): Promise<number> {
  const narrator = new DemoNarrator((text) => process.stdout.write(text), wantsColour(process.stdout, environment));
  let topic: TopicReader | undefined;
  try {
    const { basePort, dataDir, help } = parseStartOptions(args, environment, process.cwd());
    if (help) {
      process.stdout.write(HELP);
      return 0;
    }
    topic = await topicOf(basePort, dataDir);
    const client = (port: number) => new HttpClient(`http://${HOST}:${port}`);
    await tellDemo({ commands: client(basePort), queries: client(basePort + 1), topic, narrator });
    process.stdout.write(
      `\nThat is all. Every route: http://${HOST}:${basePort}/docs and http://${HOST}:${basePort + 1}/docs\n`,
    );
    return 0;
  } catch (error) {
    return explain(error);
  } finally {
    await topic?.close();
  }
}

/** The topic of the system on `basePort`, when that system says that it keeps its data here. */
async function topicOf(basePort: number, dataDir: string): Promise<TopicReader | undefined> {
  const system = readRunningSystem(dataDir);
  return system?.basePort === basePort ? openTopicReader(system, TOPIC) : undefined;
}

function explain(error: unknown): number {
  if (error instanceof UsageError) {
    process.stderr.write(`npm run demo: ${error.message}\n\n${HELP}`);
    return 2;
  }
  if (error instanceof NoAnswerError) {
    process.stderr.write(
      `npm run demo: ${error.message}\nDoes the system run? Start it with \`npm start\`, or name its ports with --base-port\n`,
    );
    return 1;
  }
  if (!(error instanceof DemoFailedError)) throw error;
  process.stderr.write(`npm run demo: not as it should be: ${error.message}\n`);
  return 1;
}
