import { join } from 'node:path';
import { ServersUnavailableError } from './errors.js';
import { runCommand } from './run-command.js';

/** Kafka 4 and the options of our Cassandra need it. */
const JAVA_MAJOR_MIN = 17;
const ASK_TIMEOUT_MS = 15_000;

/** The command that runs Java 17 or newer: of `javaHome` when given, else of the path. {@link ServersUnavailableError} without one. */
export async function findJava(javaHome: string | undefined): Promise<string> {
  const java = javaHome ? join(javaHome, 'bin', 'java') : 'java';
  const { failed, output } = await runCommand(java, ['-version'], ASK_TIMEOUT_MS);
  const major = Number(/version "(\d+)/.exec(output)?.[1] ?? 0);
  if (!failed && major >= JAVA_MAJOR_MIN) return java;
  const found = failed ? `${java} does not run (${output.split('\n')[0]})` : `${java} is version ${major}`;
  throw new ServersUnavailableError(`${found}; install Java ${JAVA_MAJOR_MIN}, or name one in JAVA_HOME`);
}
