import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import kafkajs from 'kafkajs';
import { startKafka } from './kafka.js';
import type { KafkaServers } from './kafka.js';
import { isPortFree } from './ports.js';
import { readServerRecord } from './server-record.js';

const TOPIC = 'trial';
const MESSAGES = ['created', 'paid', 'shipped'];

describe('a local server of Kafka', () => {
  let dataDir: string;
  let servers: KafkaServers;

  beforeAll(async () => {
    dataDir = mkdtempSync(join(tmpdir(), 'kafka-spec-'));
    servers = await startKafka({ dataDir });
  });

  afterAll(async () => {
    await servers?.stop();
    rmSync(dataDir, { recursive: true, force: true });
  });

  it('given a new topic, gives a reader what an idempotent producer wrote, in order', async () => {
    await createTopic(servers);
    await produce(servers);
    expect(await consume(servers, 'before', MESSAGES.length)).toEqual(MESSAGES);
  });

  it('given a server killed after it acknowledged, has the messages after the restart', async () => {
    const [node] = servers.nodes;
    await node!.kill('SIGKILL');
    await node!.restart();
    expect(await consume(servers, 'after', MESSAGES.length)).toEqual(MESSAGES);
  });

  it('given a stop, leaves no process and no port', async () => {
    const { host, ports } = readServerRecord(dataDir, 'kafka')!.nodes[0]!;
    await servers.stop();
    expect(servers.nodes.map((node) => node.isAlive())).toEqual([false]);
    const free = await Promise.all(Object.values(ports).map((port) => isPortFree(port, host)));
    expect(free).toEqual([true, true]);
  });
});

function clientOf({ brokers }: KafkaServers): kafkajs.Kafka {
  // A server that has just started says for a moment that its coordinator is loading; kafkajs asks again by itself.
  return new kafkajs.Kafka({ brokers: [...brokers], logLevel: kafkajs.logLevel.NOTHING });
}

async function createTopic(servers: KafkaServers): Promise<void> {
  const admin = clientOf(servers).admin();
  await admin.connect();
  await admin.createTopics({
    waitForLeaders: true,
    topics: [{ topic: TOPIC, numPartitions: 4, replicationFactor: 1 }],
  });
  await admin.disconnect();
}

async function produce(servers: KafkaServers): Promise<void> {
  const producer = clientOf(servers).producer({ idempotent: true, maxInFlightRequests: 1 });
  await producer.connect();
  for (const value of MESSAGES) await producer.send({ topic: TOPIC, acks: -1, messages: [{ key: 'order-1', value }] });
  await producer.disconnect();
}

async function consume(servers: KafkaServers, groupId: string, count: number): Promise<string[]> {
  const consumer = clientOf(servers).consumer({ groupId });
  await consumer.connect();
  await consumer.subscribe({ topic: TOPIC, fromBeginning: true });
  const values: string[] = [];
  await new Promise<void>((complete, failed) => {
    const eachMessage = async ({ message }: kafkajs.EachMessagePayload) => {
      values.push(String(message.value));
      if (values.length === count) complete();
    };
    consumer.run({ eachMessage }).catch(failed);
  });
  await consumer.disconnect();
  return values;
}
