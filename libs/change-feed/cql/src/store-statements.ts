import { statement } from '@chronicle/cql';

const OF_AGGREGATE = 'WHERE consumer_group = ? AND projection_version = ? AND aggregate_id = ?';
const OF_VERSION = 'WHERE consumer_group = ? AND projection_version = ?';

/** Positions that are asked for in one request: each is a partition of its own, which the node that is asked gathers. */
export const POSITIONS_TOGETHER_MAX = 16;
/** With its limit, which it cannot reach, the server knows that one page is enough, and Apache Cassandra has a quarter of the work. */
export const readPositions = statement(
  'consumer.read-positions',
  `SELECT aggregate_id, sequence, state, parked FROM projection_state ${OF_VERSION} AND aggregate_id IN ? LIMIT ${POSITIONS_TOGETHER_MAX}`,
);
export const movePosition = statement(
  'consumer.move-position',
  'UPDATE projection_state USING TIMESTAMP ? SET sequence = ?, state = ? ' + OF_AGGREGATE,
);
export const park = statement(
  'consumer.park',
  `UPDATE projection_state USING TIMESTAMP ? SET parked = ? ${OF_AGGREGATE}`,
);

export const listParked = statement(
  'consumer.list-parked',
  `UPDATE parked_aggregates USING TIMESTAMP ? SET parked = ? ${OF_AGGREGATE}`,
);
export const unlistParked = statement(
  'consumer.unlist-parked',
  `DELETE FROM parked_aggregates USING TIMESTAMP ? ${OF_AGGREGATE}`,
);
export const readParked = statement(
  'consumer.read-parked',
  `SELECT aggregate_id, parked, writetime(parked) AS stamp FROM parked_aggregates ${OF_VERSION}`,
);

export const readCheckpoints = statement(
  'consumer.read-checkpoints',
  'SELECT bucket, checkpoint FROM consumer_checkpoints WHERE consumer_group = ?',
);
export const saveCheckpoint = statement(
  'consumer.save-checkpoint',
  'UPDATE consumer_checkpoints USING TIMESTAMP ? SET checkpoint = ? WHERE consumer_group = ? AND bucket = ?',
);
export const readEpochs = statement(
  'consumer.read-epochs',
  'SELECT bucket, epoch FROM consumer_buckets WHERE consumer_group = ?',
);
export const readRevision = statement(
  'consumer.read-revision',
  `SELECT revision FROM projection_versions ${OF_VERSION}`,
);
