import { DriverCqlPort, LOG_TABLE, statement } from '@chronicle/cql';
import type { CqlPort } from '@chronicle/cql';
import type { EngineConfig } from '@chronicle/engine';

/** A row of the change log as CQL's JSON has it. */
export interface LogRow {
  readonly cdc$stream_id: string;
  readonly cdc$time: string;
  readonly sequence_number: number;
}

const READ = statement('spoil.read', `SELECT JSON * FROM ${LOG_TABLE} WHERE aggregate_id = ? ALLOW FILTERING`);
const WRITE = statement('spoil.write', `INSERT INTO ${LOG_TABLE} JSON ? DEFAULT UNSET`);

/** Changes rows of the change log on Cassandra behind everybody's back, as nothing of ours does. */
export class SpoiledLog {
  private constructor(private readonly port: CqlPort) {}

  static async open({ contactPoints, writeDatacenter, keyspace = 'chronicle' }: EngineConfig): Promise<SpoiledLog> {
    const cluster = { contactPoints: contactPoints!, localDataCenter: writeDatacenter!, keyspace };
    return new SpoiledLog(await DriverCqlPort.open(cluster));
  }

  /** The rows of an aggregate, by sequence. */
  async rowsOf(aggregateId: string): Promise<readonly LogRow[]> {
    const { rows } = await this.port.read(READ, [aggregateId]);
    const parsed = rows.map((row) => JSON.parse(row['[json]'] as string) as LogRow);
    return parsed.sort((left, right) => left.sequence_number - right.sequence_number);
  }

  async remove({ cdc$stream_id: stream, cdc$time: time }: LogRow): Promise<void> {
    const key = `"cdc$stream_id" = ${stream} AND "cdc$time" = ${time} AND "cdc$batch_seq_no" = 0`;
    await this.port.write(statement('spoil.remove', `DELETE FROM ${LOG_TABLE} WHERE ${key}`), []);
  }

  async write(row: LogRow): Promise<void> {
    await this.port.write(WRITE, [JSON.stringify(row)]);
  }

  close(): Promise<void> {
    return this.port.close();
  }
}
