import { BrokerUnavailableError, MESSAGES_MAX, TopicReader, type TopicRecord } from '@chronicle/relay-core';
import { SqliteReader, takePage, type SqliteDatabase } from '@chronicle/sqlite';
import { END_SQL, PARTITIONS_SQL, whileAvailable, type TopicFile } from './topic-file.js';

const READ_SQL = `
  SELECT key, headers, value, "offset" FROM messages
  WHERE partition = ? AND "offset" >= ? ORDER BY "offset" LIMIT ${MESSAGES_MAX}`;

/** Reads a topic that an `EmbeddedBroker` writes. Throws `BrokerUnavailableError` until there is one. */
export class EmbeddedTopicReader extends TopicReader {
  private readonly reader: SqliteReader;

  constructor(private readonly file: TopicFile) {
    super();
    this.reader = new SqliteReader(file.path);
  }

  partitions(): Promise<number> {
    return this.ask((database) => {
      const found = database.statement(PARTITIONS_SQL).get(this.file.topic);
      if (found === undefined) throw new BrokerUnavailableError(`topic ${this.file.topic} does not exist (yet)`);
      return found['partitions'] as number;
    });
  }

  read(partition: number, offset: number): Promise<readonly TopicRecord[]> {
    return this.ask((database) => {
      const rows = database.statement(READ_SQL).iterate(partition, offset) as Iterable<MessageRow>;
      const page = takePage(rows, ({ value, headers }) => value.length + headers.length);
      return page.rows.map(({ headers, ...row }) => ({ ...row, headers: JSON.parse(headers), partition }));
    });
  }

  end(partition: number): Promise<number> {
    return this.ask((database) => database.statement(END_SQL).get(partition)!['end'] as number);
  }

  close(): Promise<void> {
    return this.reader.close();
  }

  private ask<T>(body: (database: SqliteDatabase) => T): Promise<T> {
    return whileAvailable(this.file.topic, () => this.reader.read(body));
  }
}

interface MessageRow {
  readonly key: string;
  readonly headers: string;
  readonly value: string;
  readonly offset: number;
}
