import { setImmediate as turnOfEventLoop } from 'node:timers/promises';
import { Broker, type Message } from '@chronicle/relay-core';
import { SqliteDatabase } from '@chronicle/sqlite';
import { partitionOf } from './partition-of.js';
import {
  END_SQL,
  PARTITIONS_SQL,
  PartitionCountChangedError,
  topicSchema,
  whileAvailable,
  type TopicFile,
} from './topic-file.js';

/** Messages of one transaction: enough that the cost of making it durable is shared, few enough that it stays below 50 ms. */
export const TRANSACTION_MESSAGES_MAX = 500;
/** Characters of keys, headers and values of one transaction; a larger message is one by itself. */
export const TRANSACTION_CHARACTERS_MAX = 512 * 1024;

const INSERT_SQL = 'INSERT INTO messages (partition, "offset", key, headers, value) VALUES (?, ?, ?, ?, ?)';

/**
 * A topic in a SQLite file, for the processes of one machine: `synchronous=FULL`, so an acknowledged message survives a power
 * cut. Several publishers may write at once; each transaction gives its messages the next offsets of their partitions.
 */
export class EmbeddedBroker extends Broker {
  private constructor(
    private readonly file: TopicFile,
    private readonly database: SqliteDatabase,
    private readonly partitions: number,
  ) {
    super();
  }

  /**
   * Opens the topic, made with so many `partitions` when there is none. Throws {@link PartitionCountChangedError} when it has
   * another number of them, `BrokerUnavailableError` when the file cannot be used.
   */
  static open(file: TopicFile, partitions: number): Promise<EmbeddedBroker> {
    return whileAvailable(file.topic, async () => {
      const database = await SqliteDatabase.open({ path: file.path, synchronous: 'FULL', schema: topicSchema });
      try {
        const recorded = await database.write(() => recordPartitions(database, file.topic, partitions));
        if (recorded !== partitions) throw new PartitionCountChangedError(file.topic, recorded, partitions);
        return new EmbeddedBroker(file, database, partitions);
      } catch (error) {
        database.close();
        throw error;
      }
    });
  }

  async publish(messages: readonly Message[]): Promise<void> {
    for (let from = 0; from < messages.length;) {
      const group = messages.slice(from, groupEnd(messages, from));
      await whileAvailable(this.file.topic, () => this.database.write(() => this.insert(group)));
      from += group.length;
      if (from < messages.length) await turnOfEventLoop();
    }
  }

  async close(): Promise<void> {
    this.database.close();
  }

  private insert(messages: readonly Message[]): void {
    const insert = this.database.statement(INSERT_SQL);
    const ends = new Map<number, number>();
    for (const { key, headers, value } of messages) {
      const partition = partitionOf(key, this.partitions);
      const offset = ends.get(partition) ?? (this.database.statement(END_SQL).get(partition)!['end'] as number);
      insert.run(partition, offset, key, JSON.stringify(headers), value);
      ends.set(partition, offset + 1);
    }
  }
}

function recordPartitions(database: SqliteDatabase, topic: string, partitions: number): number {
  database.statement('INSERT OR IGNORE INTO topic (name, partitions) VALUES (?, ?)').run(topic, partitions);
  return database.statement(PARTITIONS_SQL).get(topic)!['partitions'] as number;
}

/** The end of the transaction that begins at `from`. */
function groupEnd(messages: readonly Message[], from: number): number {
  const last = Math.min(messages.length, from + TRANSACTION_MESSAGES_MAX);
  let characters = 0;
  for (let end = from; end < last; end += 1) {
    characters += messages[end]!.value.length;
    if (characters > TRANSACTION_CHARACTERS_MAX) return Math.max(end, from + 1);
  }
  return last;
}
