/** Where a server was found. */
export type ServerSource = 'environment' | 'docker' | 'processes';

/** A server or cluster that speaks CQL. */
export interface FoundCql {
  readonly engine: 'cassandra' | 'scylla';
  /** `host:port`. */
  readonly contactPoints: readonly string[];
  readonly localDataCenter: string;
  readonly source: ServerSource;
}

/** A server or cluster that speaks Kafka's protocol. */
export interface FoundKafka {
  /** `host:port`. */
  readonly brokers: readonly string[];
  readonly source: ServerSource;
}

/** A server that was found, and how to end it if it was started for that. */
export interface StartedServer<T> {
  readonly found: T;
  stop(): Promise<void>;
}

/**
 * The variables by which servers are named: those that `findServers` reads, so that a user can name servers, are also those in
 * which it hands them on, so that a spec has one place to look.
 */
export function environmentOf(found: { cassandra?: FoundCql; kafka?: FoundKafka }): Record<string, string> {
  const { cassandra, kafka } = found;
  return {
    ...(cassandra && {
      [cassandra.engine === 'scylla' ? 'CHRONICLE_SCYLLA' : 'CHRONICLE_CASSANDRA']: cassandra.contactPoints.join(),
      CHRONICLE_LOCAL_DATA_CENTER: cassandra.localDataCenter,
    }),
    ...(kafka && { CHRONICLE_KAFKA: kafka.brokers.join() }),
  };
}
