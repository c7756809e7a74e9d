import cassandra from 'cassandra-driver';
import type { BoundStatement, CqlValue } from '@chronicle/cql';
import { isUuid } from '@chronicle/seams';
import type { RecordedLife } from './recorded-lives.js';

const { Uuid } = cassandra.types;

/** Which requests of an append are sent; the conditional batch always is. */
export interface BareParts {
  readonly intents: boolean;
  readonly log: boolean;
}

/** As the store does it. */
const PAGE_INTENTS_MAX = 256;
const PAGE_OPEN_MS = 1_000;

/** A request as the driver takes it, and where the id of the aggregate belongs. */
interface Template {
  readonly query: string;
  readonly params: readonly unknown[];
  readonly aggregateAt: readonly number[];
}

interface BareAppend {
  readonly intent: Template;
  readonly commit: readonly Template[];
  readonly log: readonly Template[];
}

/**
 * Sends again what the store sent for recorded lives, for other aggregates, through the driver and no code of ours: the same
 * statements and bytes, intents grouped in the same way, pages of them deleted as the store does.
 */
export class BareAppends {
  readonly #client: cassandra.Client;
  readonly #parts: BareParts;
  readonly #lives: readonly (readonly BareAppend[])[];
  readonly #intents: BareIntents;
  readonly #publishing = new Set<Promise<void>>();
  #lived = 0;

  constructor(client: cassandra.Client, lives: readonly RecordedLife[], parts: BareParts) {
    this.#client = client;
    this.#parts = parts;
    this.#lives = lives.map(templatesOf);
    this.#intents = new BareIntents(client);
  }

  /** The next life; each append once the one before was committed. */
  async live(): Promise<void> {
    const aggregateId = Uuid.random();
    for (const append of this.#lives[this.#lived++ % this.#lives.length]!) await this.#append(append, aggregateId);
  }

  /** Resolves when every row of the change log is acknowledged. */
  async published(): Promise<void> {
    await Promise.all(this.#publishing);
  }

  close(): Promise<void> {
    return this.#intents.close();
  }

  async #append({ intent, commit, log }: BareAppend, aggregateId: cassandra.types.Uuid): Promise<void> {
    const page = this.#parts.intents ? await this.#intents.write(filled(intent, aggregateId)) : undefined;
    const { rows } = await batch(
      this.#client,
      commit.map((template) => filled(template, aggregateId)),
    );
    if (rows[0]?.['[applied]'] !== true) throw new Error('a bare conditional batch was refused');
    const publishing = this.#publish(this.#parts.log ? log : [], aggregateId)
      .then(() => page && this.#intents.done(page))
      .finally(() => this.#publishing.delete(publishing));
    this.#publishing.add(publishing);
  }

  async #publish(log: readonly Template[], aggregateId: cassandra.types.Uuid): Promise<void> {
    if (log.length === 0) return;
    await batch(
      this.#client,
      log.map((template) => filled(template, aggregateId)),
    );
  }
}

interface Page {
  readonly number: number;
  readonly openedAt: number;
  attempts: number;
  open: number;
  closed: boolean;
}

interface BoundQuery {
  readonly query: string;
  readonly params: unknown[];
}

/** Intents that come while others are being written go out as one batch. */
class BareIntents {
  readonly #client: cassandra.Client;
  readonly #instanceId = Uuid.random();
  readonly #clearing = new Set<Promise<unknown>>();
  #page: Page = { number: 0, openedAt: performance.now(), attempts: 0, open: 0, closed: false };
  #waiting: {
    readonly intent: BoundQuery;
    readonly written: (page: Page) => void;
    readonly failed: (error: unknown) => void;
  }[] = [];
  #writing = false;

  constructor(client: cassandra.Client) {
    this.#client = client;
  }

  write(intent: BoundQuery): Promise<Page> {
    return new Promise((written, failed) => {
      this.#waiting.push({ intent, written, failed });
      if (!this.#writing) void this.#writeWaiting();
    });
  }

  done(page: Page): void {
    page.open -= 1;
    if (page.open === 0 && page.closed) this.#clear(page);
  }

  async close(): Promise<void> {
    this.#closePage();
    await Promise.all(this.#clearing);
  }

  async #writeWaiting(): Promise<void> {
    this.#writing = true;
    while (this.#waiting.length > 0) {
      if (this.#page.attempts >= PAGE_INTENTS_MAX || performance.now() - this.#page.openedAt > PAGE_OPEN_MS)
        this.#closePage();
      const page = this.#page;
      const together = this.#waiting.splice(0, PAGE_INTENTS_MAX - page.attempts);
      page.attempts += together.length;
      page.open += together.length;
      for (const { intent } of together) intent.params.splice(0, 3, this.#instanceId, page.number, Uuid.random());
      try {
        await batch(
          this.#client,
          together.map(({ intent }) => intent),
        );
        for (const { written } of together) written(page);
      } catch (error) {
        for (const { failed } of together) failed(error);
      }
    }
    this.#writing = false;
  }

  #closePage(): void {
    const page = this.#page;
    page.closed = true;
    if (page.open === 0 && page.attempts > 0) this.#clear(page);
    this.#page = { number: page.number + 1, openedAt: performance.now(), attempts: 0, open: 0, closed: false };
  }

  #clear({ number }: Page): void {
    const query = 'DELETE FROM append_intents USING TIMESTAMP 2 WHERE instance_id = ? AND page = ?';
    const clearing = this.#client
      .execute(query, [this.#instanceId, number], { prepare: true })
      .finally(() => this.#clearing.delete(clearing));
    this.#clearing.add(clearing);
  }
}

/** As the port sends them: one goes without a batch. */
function batch(client: cassandra.Client, queries: BoundQuery[]): Promise<cassandra.types.ResultSet> {
  const [only] = queries;
  return queries.length === 1 && only
    ? client.execute(only.query, only.params, { prepare: true })
    : client.batch(queries, { prepare: true, logged: false });
}

function templatesOf({ aggregateId, appends }: RecordedLife): BareAppend[] {
  const templateOf = ({ statement, values }: BoundStatement): Template => ({
    query: statement.cql,
    params: values.map(asDriverTakesIt),
    aggregateAt: values.flatMap((value, at) => (value === aggregateId ? [at] : [])),
  });
  return appends.map(({ intent, commit, log }) => ({
    intent: templateOf(intent),
    commit: commit.map(templateOf),
    log: log.map(templateOf),
  }));
}

function filled({ query, params, aggregateAt }: Template, aggregateId: cassandra.types.Uuid): BoundQuery {
  const own = [...params];
  for (const at of aggregateAt) own[at] = aggregateId;
  return { query, params: own };
}

/** Nothing is left for the driver to parse. */
function asDriverTakesIt(value: CqlValue): unknown {
  if (typeof value !== 'string') return value instanceof Uint8Array ? Buffer.from(value) : value;
  if (isUuid(value)) return Uuid.fromString(value);
  return /^\d{4}-\d\d-\d\dT[\d:.]+Z$/.test(value) ? new Date(value) : value;
}

/** A connection like the store's. */
export async function bareClient(contactPoints: readonly string[], datacenter: string, keyspace: string) {
  const { consistencies } = cassandra.types;
  const client = new cassandra.Client({
    contactPoints: [...contactPoints],
    localDataCenter: datacenter,
    keyspace,
    queryOptions: {
      consistency: consistencies.localQuorum,
      serialConsistency: consistencies.localSerial,
      prepare: true,
    },
    policies: {
      // The server stamps every write.
      timestampGeneration: null as unknown as cassandra.policies.timestampGeneration.TimestampGenerator,
    },
    encoding: { useBigIntAsLong: true, map: Map, set: Set },
    pooling: { maxRequestsPerConnection: 2_048 },
  });
  await client.connect();
  return client;
}
