import { join } from 'node:path';
import type { Broker, TopicReader } from '@chronicle/relay-core';
import { EmbeddedBroker, EmbeddedTopicReader } from '@chronicle/relay-embedded';
import { embeddedDataDir, type EngineConfig } from './engine-config.js';

/** Partitions of a topic that is made by this version. */
const TOPIC_PARTITIONS = 4;

/** Opens a topic for publishing, made when there is none. Throws `BrokerUnavailableError`. The caller closes it. */
export async function openBroker(config: EngineConfig, topic: string): Promise<Broker> {
  return EmbeddedBroker.open(topicFile(config, topic), TOPIC_PARTITIONS);
}

/** Opens a topic for reading; its publisher may start later. The caller closes it. */
export async function openTopicReader(config: EngineConfig, topic: string): Promise<TopicReader> {
  return new EmbeddedTopicReader(topicFile(config, topic));
}

function topicFile(config: EngineConfig, topic: string) {
  return { path: join(embeddedDataDir(config), 'topic.db'), topic };
}
