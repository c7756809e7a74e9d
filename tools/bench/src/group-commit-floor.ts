import { join } from 'node:path';
import { DatabaseSync, type SQLInputValue } from 'node:sqlite';
import { systemClock, systemEntropy, uuidV7 } from '@chronicle/seams';

/** The tables that one accepted command writes a row to. */
const TABLES = ['events', 'outbox_messages', 'commands'] as const;
/** Columns that tell commands apart, as the writer fills them. */
const UNIQUE = ['aggregate_id', 'event_id', 'causation_id', 'correlation_id', 'command_key'];

type Values = Record<string, SQLInputValue>;

/**
 * The floor of the event store: the rows of one creation after another, in transactions of so many, in a file of the same schema
 * that is as durable, and none of our code. Schema and rows are taken from the store at `eventsFile`, which must have an event.
 */
export class GroupCommitFloor {
  private constructor(
    private readonly database: DatabaseSync,
    private readonly templates: readonly {
      readonly columns: readonly string[];
      readonly values: Values;
      readonly insert: string;
    }[],
    private position = 0,
  ) {}

  static open(eventsFile: string, folder: string): GroupCommitFloor {
    const source = new DatabaseSync(eventsFile, { readOnly: true });
    const schema = source.prepare(`SELECT sql FROM sqlite_master WHERE sql IS NOT NULL ORDER BY type = 'index'`).all();
    const templates = TABLES.map((table) => {
      const values = source.prepare(`SELECT * FROM ${table} LIMIT 1`).get() as Values;
      const columns = Object.keys(values);
      const insert = `INSERT INTO ${table} (${columns.join(', ')}) VALUES (${columns.map(() => '?').join(', ')})`;
      return { columns, values, insert };
    });
    source.close();
    const database = new DatabaseSync(join(folder, 'group-commit-floor.db'));
    database.exec('PRAGMA journal_mode = WAL; PRAGMA synchronous = FULL; PRAGMA cache_size = -8192');
    for (const { sql } of schema) database.exec(String(sql));
    return new GroupCommitFloor(database, templates);
  }

  /** Commands a second with `batch` of them in each transaction. */
  run(batch: number, seconds: number): number {
    const inserts = this.templates.map(({ insert, columns, values }) => ({
      statement: this.database.prepare(insert),
      columns,
      values,
    }));
    const begunAt = performance.now();
    let commands = 0;
    for (let now = begunAt; now < begunAt + seconds * 1000; now = performance.now()) {
      this.database.exec('BEGIN IMMEDIATE');
      for (let index = 0; index < batch; index += 1) {
        const own = this.nextValues();
        for (const { statement, columns, values } of inserts) {
          statement.run(...columns.map((column) => own[column] ?? values[column]!));
        }
      }
      this.database.exec('COMMIT');
      commands += batch;
    }
    return commands / ((performance.now() - begunAt) / 1000);
  }

  close(): void {
    this.database.close();
  }

  private nextValues(): Values {
    this.position += 1;
    const id = () => uuidV7(systemClock, systemEntropy);
    return {
      position: this.position,
      ...Object.fromEntries(UNIQUE.map((column) => [column, id()])),
      aggregate_id: id(),
    };
  }
}
