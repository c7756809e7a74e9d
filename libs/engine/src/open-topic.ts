import { resolve } from 'node:path';
import type { Broker, TopicReader } from '@chronicle/relay-core';
import { EmbeddedBroker, EmbeddedTopicReader } from '@chronicle/relay-embedded';
import { DEFAULT_KEYSPACE, type EngineConfig } from './engine-config.js';

/** Partitions of a topic that is made by this version. */
const TOPIC_PARTITIONS = 4;

type TopicConfig = Pick<EngineConfig, 'engine' | 'dataDir' | 'keyspace'>;

/** Opens a topic for publishing, made when there is none. Throws `BrokerUnavailableError`. The caller closes it. */
export async function openBroker(config: TopicConfig, topic: string): Promise<Broker> {
  return EmbeddedBroker.open(topicFile(config, topic), TOPIC_PARTITIONS);
}

/** Opens a topic for reading; its publisher may start later. The caller closes it. */
export async function openTopicReader(config: TopicConfig, topic: string): Promise<TopicReader> {
  return new EmbeddedTopicReader(topicFile(config, topic));
}

/**
 * Where data lives and where messages go are two choices: the topic is a file with every engine. Each keyspace has one of its own,
 * or a system that is tried on files and on a cluster would find the messages of the other in its topic.
 */
function topicFile({ engine, dataDir, keyspace = DEFAULT_KEYSPACE }: TopicConfig, topic: string) {
  return { path: resolve(dataDir, engine === 'embedded' ? 'topic.db' : `topic-${keyspace}.db`), topic };
}
