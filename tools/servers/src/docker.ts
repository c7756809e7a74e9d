import type { StartedTestContainer } from 'testcontainers';
import { askCql, askKafka } from './ask-servers.js';
import { whyNoImage } from './docker-images.js';
import { messageOf, ServersUnavailableError } from './errors.js';
import type { FoundCql, FoundKafka, StartedServer } from './found-servers.js';
import { whenWeEnd } from './guard.js';
import { chooseFreePorts } from './ports.js';
import { about } from './progress.js';
import type { Progress } from './progress.js';
import { waitUntil } from './wait-until.js';

/** Used unless CHRONICLE_SCYLLA_IMAGE or CHRONICLE_REDPANDA_IMAGE names another one; an empty name means: not Docker. */
export const SCYLLA_IMAGE = 'scylladb/scylla:2025.4.2';
export const REDPANDA_IMAGE = 'redpandadata/redpanda:v25.3.9';

const HOST = '127.0.0.1';
const START_TIMEOUT_MS = 120_000;
const READY_POLL_MS = 500;

/** ScyllaDB in a container. {@link ServersUnavailableError} with the reason when Docker cannot give one in time. */
export async function startScyllaInDocker(
  environment: NodeJS.ProcessEnv,
  progress: Progress,
): Promise<StartedServer<FoundCql>> {
  const image = environment['CHRONICLE_SCYLLA_IMAGE'] ?? SCYLLA_IMAGE;
  const command = ['--smp', '1', '--memory', '1G', '--overprovisioned', '1', '--developer-mode', '1'];
  const { port, stop, answer } = await startContainer(
    { image, port: 9042, command: () => command, ask: askCql },
    progress,
  );
  const contactPoints = [`${HOST}:${port}`];
  return { found: { engine: 'scylla', contactPoints, localDataCenter: answer.dataCenter, source: 'docker' }, stop };
}

/** Redpanda in a container. {@link ServersUnavailableError} with the reason when Docker cannot give one in time. */
export async function startRedpandaInDocker(
  environment: NodeJS.ProcessEnv,
  progress: Progress,
): Promise<StartedServer<FoundKafka>> {
  const image = environment['CHRONICLE_REDPANDA_IMAGE'] ?? REDPANDA_IMAGE;
  const command = (port: number) => [
    ...['redpanda', 'start', '--mode', 'dev-container', '--smp', '1', '--memory', '512M'],
    ...['--kafka-addr', '0.0.0.0:9092', '--advertise-kafka-addr', `${HOST}:${port}`],
  ];
  const ask = (address: string) => askKafka([address]);
  const { port, stop } = await startContainer({ image, port: 9092, command, ask }, progress);
  return { found: { brokers: [`${HOST}:${port}`], source: 'docker' }, stop };
}

interface Wanted<T> {
  readonly image: string;
  /** Inside the container. */
  readonly port: number;
  /** Given the port outside: a broker has to tell its clients where to come back to. */
  readonly command: (portOutside: number) => string[];
  readonly ask: (address: string) => Promise<T>;
}

async function startContainer<T>(wanted: Wanted<T>, report: Progress) {
  const progress = about('docker', report);
  const reason = await whyNoImage(wanted.image, progress);
  if (reason !== undefined) throw new ServersUnavailableError(`Docker: ${reason}`);
  const [port] = await chooseFreePorts(1, [HOST]);
  progress(`starting ${wanted.image} on ${HOST}:${port}`);
  try {
    const container = await launch(wanted, port!);
    const callOff = whenWeEnd('docker rm --force', container.getId());
    const stop = async () => {
      await container.stop({ timeout: 0 });
      callOff();
    };
    return { port: port!, stop, answer: await waitForAnswer(wanted, port!, stop) };
  } catch (cause) {
    throw new ServersUnavailableError(`Docker: ${wanted.image} does not serve: ${messageOf(cause)}`, { cause });
  }
}

async function launch<T>({ image, port, command }: Wanted<T>, portOutside: number): Promise<StartedTestContainer> {
  // Testcontainers' own janitor is an image too, which may be out of reach; ours is `whenWeEnd`.
  process.env['TESTCONTAINERS_RYUK_DISABLED'] ??= 'true';
  // Loaded when it is needed: it takes as long as all the rest.
  const { Wait } = await import('testcontainers');
  const { LoopbackContainer } = await import('./loopback-container.js');
  return new LoopbackContainer(image)
    .withCommand(command(portOutside))
    .withExposedPorts({ container: port, host: portOutside })
    .withWaitStrategy(Wait.forLogMessage(/./)) // it runs; whether it serves is asked afterwards, as of any other server
    .withStartupTimeout(START_TIMEOUT_MS)
    .start();
}

async function waitForAnswer<T>({ ask }: Wanted<T>, port: number, stop: () => Promise<void>): Promise<T> {
  let reason: unknown;
  const answer = await waitUntil(
    () =>
      ask(`${HOST}:${port}`).then(
        (answer) => ({ answer }),
        (error: unknown) => void (reason = error),
      ),
    { everyMs: READY_POLL_MS, timeoutMs: START_TIMEOUT_MS },
  );
  if (answer) return answer.answer;
  await stop();
  throw new Error(`no answer within ${START_TIMEOUT_MS / 1000} s (${messageOf(reason)})`);
}
