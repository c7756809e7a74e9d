import type { CqlRow, CqlValue } from '@chronicle/cql';
import {
  ifColumns,
  ifNotExists,
  put,
  read,
  remove,
  write,
  type Meanings,
  type ReadMoment,
  type Verdict,
} from './meaning.js';

const POSITION = ['sequence', 'state', 'parked'];

/** Positions, checkpoints, instances and buckets of consumer groups, `@chronicle/change-feed-cql`; rows, `@chronicle/projection-cql`. */
export const CONSUMER_MEANINGS: Meanings = {
  'consumer.read-positions': read(([group, version, ids], { tables, now }) =>
    [...new Set(ids as readonly string[])]
      .flatMap((id) =>
        tables.projection_state
          .find([group, version, id], POSITION, now)
          .map(({ row }) => ({ place: id, row: { aggregate_id: id, ...row } })),
      )
      .sort((left, right) => (left.place < right.place ? -1 : 1)),
  ),
  'consumer.move-position': write(([, sequence, state, group, version, id], moment) => [
    put(
      moment.tables.projection_state,
      { partition: [group, version, id], clustering: [] },
      { sequence, state },
      moment,
      false,
    ),
  ]),
  'consumer.read-parked': read(([group, version], { tables, now }) =>
    tables.parked_aggregates.find([group, version], ['aggregate_id', 'parked'], now),
  ),
  'consumer.read-checkpoints': read(([group], { tables, now }) =>
    tables.consumer_checkpoints.find([group], ['bucket', 'checkpoint'], now),
  ),
  'consumer.save-checkpoint': write(([, checkpoint, group, bucket], moment) => [
    put(
      moment.tables.consumer_checkpoints,
      { partition: [group], clustering: [bucket] },
      { checkpoint },
      moment,
      false,
    ),
  ]),
  'consumer.read-epochs': read(([group], { tables, now }) =>
    tables.consumer_buckets.find([group], ['bucket', 'epoch'], now),
  ),
  'consumer.read-revision': read(([group, version], moment) => projectionVersion(group, version, ['revision'], moment)),
  'projection-versions.find': read(([group, version], moment) =>
    projectionVersion(group, version, ['definition_hash', 'revision'], moment),
  ),

  'group.beat': write(
    ([beat, control_revision, group, id], moment) => [
      put(moment.tables.instances, instance(group, id), { beat, control_revision }, moment, false),
    ],
    ([, , group, id], moment) => ifExists(instanceRow(group, id, moment)),
  ),
  'group.enter-instance': write(
    ([group, id, beat, control_revision], moment) => [
      put(moment.tables.instances, instance(group, id), { beat, control_revision }, moment),
    ],
    ([group, id], moment) => ifNotExists(instanceRow(group, id, moment)),
  ),
  'group.read-instances': read(([group], { tables, now }) =>
    tables.instances.find([group], ['instance_id', 'beat', 'control_revision'], now),
  ),
  'group.remove-instance': write(
    ([group, id], moment) => [remove(moment.tables.instances, [group], moment, { from: [id], to: [id] })],
    ([group, id], moment) => ifExists(instanceRow(group, id, moment)),
  ),
  'group.read-buckets': read(([group], { tables, now }) =>
    tables.consumer_buckets.find([group], ['bucket', 'owner', 'epoch', 'handoff_to'], now),
  ),
  'group.give-bucket': write(
    ([owner, epoch, handoff_to, group, bucket], moment) => [
      put(
        moment.tables.consumer_buckets,
        { partition: [group], clustering: [bucket] },
        { owner, epoch, handoff_to },
        moment,
        false,
      ),
    ],
    ([, , , group, bucket, owner, epoch], moment) =>
      ifColumns(bucketRow(group, bucket, ['owner', 'epoch'], moment), { owner, epoch }),
  ),
  'group.ask-for-bucket': write(
    ([handoff_to, group, bucket], moment) => [
      put(moment.tables.consumer_buckets, { partition: [group], clustering: [bucket] }, { handoff_to }, moment, false),
    ],
    ([, group, bucket, owner, epoch, handoff_to], moment) =>
      ifColumns(bucketRow(group, bucket, ['owner', 'epoch', 'handoff_to'], moment), { owner, epoch, handoff_to }),
  ),
  'group.read-control': read(([group], { tables, now }) =>
    tables.group_control.find([group], ['paused', 'revision'], now),
  ),
  'group.read-actions': read(([group], { tables, now }) =>
    tables.admin_actions.find([group], ['action_id', 'action', 'result'], now),
  ),

  'read-model.write.things_v1': write(([shelf, thing_id, row_json], moment) => [
    put(moment.tables.things_v1, { partition: [shelf], clustering: [thing_id] }, { row_json }, moment),
  ]),
  'read-model.remove.things_v1': write(([, shelf, thing_id], moment) => [
    remove(moment.tables.things_v1, [shelf], moment, { from: [thing_id], to: [thing_id] }),
  ]),
};

function ifExists(row: CqlRow | undefined): Verdict {
  return row === undefined ? { holds: false, current: undefined } : { holds: true };
}

function instance(group: CqlValue, id: CqlValue) {
  return { partition: [group], clustering: [id] };
}

function instanceRow(group: CqlValue, id: CqlValue, { tables, now }: ReadMoment): CqlRow | undefined {
  const columns = ['consumer_group', 'instance_id', 'beat', 'control_revision'];
  return tables.instances.find([group], columns, now, { from: [id], to: [id] })[0]?.row;
}

function bucketRow(
  group: CqlValue,
  bucket: CqlValue,
  columns: readonly string[],
  { tables, now }: ReadMoment,
): CqlRow | undefined {
  return tables.consumer_buckets.find([group], columns, now, { from: [bucket], to: [bucket] })[0]?.row;
}

function projectionVersion(
  group: CqlValue,
  version: CqlValue,
  columns: readonly string[],
  { tables, now }: ReadMoment,
) {
  return tables.projection_versions.find([group], columns, now, { from: [version], to: [version] });
}
