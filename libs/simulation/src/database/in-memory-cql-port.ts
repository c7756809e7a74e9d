import {
  CqlPort,
  type BoundStatement,
  type ConditionalResult,
  type CqlPage,
  type CqlValue,
  type ReadOptions,
  type Statement,
} from '@chronicle/cql';
import type { InMemoryCluster } from './in-memory-cluster.js';

/** A request on its way. */
export interface Request<Result> {
  readonly kind: 'read' | 'write' | 'conditional write';
  readonly statements: readonly BoundStatement[];
  /** The node that was asked for by name. */
  readonly host?: string;
  /** It has come to a node, which gives it its time; what is returned carries it out and gives the answer. */
  readonly receive: (node: number) => () => Result;
}

/** How requests get to the cluster, and answers back: where a simulation puts delays and losses. */
export interface Line {
  carry<Result>(request: Request<Result>): Promise<Result>;
}

/** Nothing is lost and nothing takes time. */
export const directLine: Line = {
  carry: async ({ receive }) => receive(0)(),
};

/** The port of one process to an {@link InMemoryCluster}. */
export class InMemoryCqlPort extends CqlPort {
  readonly #cluster: InMemoryCluster;
  readonly #line: Line;

  constructor(cluster: InMemoryCluster, line: Line = directLine) {
    super();
    this.#cluster = cluster;
    this.#line = line;
  }

  override read(statement: Statement, values: readonly CqlValue[], options: ReadOptions = {}): Promise<CqlPage> {
    const { host } = options;
    return this.#line.carry({
      kind: 'read',
      statements: [{ statement, values }],
      ...(host !== undefined && { host }),
      receive: (node) => () => this.#cluster.read(node, statement, values, options),
    });
  }

  override write(statement: Statement, values: readonly CqlValue[]): Promise<void> {
    return this.writeTogether([{ statement, values }]);
  }

  override writeTogether(statements: readonly BoundStatement[]): Promise<void> {
    const receive = (node: number) => this.#cluster.receive(node, statements);
    return this.#line.carry({ kind: 'write', statements, receive });
  }

  override writeIf(statements: readonly BoundStatement[]): Promise<ConditionalResult> {
    const receive = (node: number) => () => this.#cluster.applyIf(node, statements);
    return this.#line.carry({ kind: 'conditional write', statements, receive });
  }

  override hosts(): readonly string[] {
    return Array.from({ length: this.#cluster.nodes }, (_, node) => `${node}:9042`);
  }

  override async close(): Promise<void> {}
}
