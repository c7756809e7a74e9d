import { askCql, askKafka } from './ask-servers.js';
import { messageOf, ServerAddressError } from './errors.js';
import type { FoundCql, FoundKafka, StartedServer } from './found-servers.js';

/** The CQL server that the user names, once it answers; undefined when none is named. {@link ServerAddressError} when it does not. */
export async function findCqlInEnvironment(
  environment: NodeJS.ProcessEnv,
): Promise<StartedServer<FoundCql> | undefined> {
  const cassandra = readAddresses(environment, 'CHRONICLE_CASSANDRA');
  const scylla = readAddresses(environment, 'CHRONICLE_SCYLLA');
  if (cassandra && scylla) {
    throw new ServerAddressError('CHRONICLE_CASSANDRA and CHRONICLE_SCYLLA are both set; name one of them');
  }
  const contactPoints = cassandra ?? scylla;
  if (!contactPoints) return undefined;
  const engine = cassandra ? 'cassandra' : 'scylla';
  const { dataCenter } = await answering(contactPoints, () => askCql(contactPoints[0]!));
  const localDataCenter = environment['CHRONICLE_LOCAL_DATA_CENTER'] || dataCenter;
  return leftAlone({ engine, contactPoints, localDataCenter, source: 'environment' });
}

/** The Kafka that the user names, once it answers; undefined when none is named. {@link ServerAddressError} when it does not. */
export async function findKafkaInEnvironment(
  environment: NodeJS.ProcessEnv,
): Promise<StartedServer<FoundKafka> | undefined> {
  const brokers = readAddresses(environment, 'CHRONICLE_KAFKA');
  if (!brokers) return undefined;
  await answering(brokers, () => askKafka(brokers));
  return leftAlone({ brokers, source: 'environment' });
}

function leftAlone<T>(found: T): StartedServer<T> {
  return { found, stop: async () => {} };
}

function readAddresses(environment: NodeJS.ProcessEnv, name: string): string[] | undefined {
  const text = environment[name]?.trim();
  if (!text) return undefined;
  const addresses = text.split(',').map((address) => address.trim());
  const wrong = addresses.find((address) => !/^[^\s:]+:\d{1,5}$/.test(address));
  if (wrong === undefined) return addresses;
  throw new ServerAddressError(`${name}: expected host:port[,host:port…], found ${JSON.stringify(wrong)}`);
}

async function answering<T>(addresses: readonly string[], ask: () => Promise<T>): Promise<T> {
  try {
    return await ask();
  } catch (cause) {
    const reason = messageOf(cause);
    throw new ServerAddressError(`${addresses.join()}, named in the environment, does not answer: ${reason}`, {
      cause,
    });
  }
}
