import cassandra from 'cassandra-driver';
import kafkajs from 'kafkajs';
import { shakeHands } from './cql-handshake.js';

const ANSWER_TIMEOUT_MS = 5_000;

/** What a node that speaks CQL says of itself. */
export interface CqlAnswer {
  readonly dataCenter: string;
  /** Nodes it knows, itself included. */
  readonly nodes: number;
}

/** Asks exactly the node at `address` (`host:port`), without knowing its data centre. Rejects when it does not answer in 10 s. */
export async function askCql(address: string): Promise<CqlAnswer> {
  await shakeHands(address, ANSWER_TIMEOUT_MS);
  const { AllowListPolicy, RoundRobinPolicy } = cassandra.policies.loadBalancing;
  const client = new cassandra.Client({
    contactPoints: [address],
    policies: { loadBalancing: new AllowListPolicy(new RoundRobinPolicy(), [address]) },
    pooling: { heartBeatInterval: 0 },
    socketOptions: { connectTimeout: ANSWER_TIMEOUT_MS, readTimeout: ANSWER_TIMEOUT_MS },
  });
  return bounded(address, async () => {
    try {
      await client.connect();
      const local = await client.execute('SELECT data_center FROM system.local');
      const peers = await client.execute('SELECT peer FROM system.peers');
      return { dataCenter: String(local.first().get('data_center')), nodes: 1 + peers.rowLength };
    } finally {
      await client.shutdown();
    }
  });
}

/** Asks the brokers for the cluster's metadata. Rejects when none answers in 5 s, or no broker has joined yet. */
export function askKafka(brokers: readonly string[]): Promise<void> {
  const { Kafka, logLevel } = kafkajs;
  const kafka = new Kafka({
    brokers: [...brokers],
    connectionTimeout: ANSWER_TIMEOUT_MS,
    requestTimeout: ANSWER_TIMEOUT_MS,
    retry: { retries: 0 },
    logLevel: logLevel.NOTHING,
  });
  const admin = kafka.admin();
  return bounded(brokers.join(), async () => {
    try {
      await admin.connect();
      const cluster = await admin.describeCluster();
      if (cluster.brokers.length === 0) throw new Error('no broker has joined the cluster yet');
    } finally {
      await admin.disconnect();
    }
  });
}

/** A paused server takes connections and never answers, and not every wait in the drivers has a bound. */
async function bounded<T>(address: string, ask: () => Promise<T>): Promise<T> {
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise<never>((_, reject) => {
    const error = new Error(`${address} does not answer within ${ANSWER_TIMEOUT_MS / 1000} s`);
    timer = setTimeout(() => reject(error), ANSWER_TIMEOUT_MS);
  });
  try {
    return await Promise.race([ask(), late]);
  } finally {
    clearTimeout(timer);
  }
}
