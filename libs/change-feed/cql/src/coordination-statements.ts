import { statement } from '@chronicle/cql';

const OF_GROUP = 'WHERE consumer_group = ?';

/** A heartbeat, of an instance that is there: one that was removed as dead enters anew, with {@link enterInstance}. */
export const beatInstance = statement(
  'group.beat',
  `UPDATE instances SET beat = ?, control_revision = ? ${OF_GROUP} AND instance_id = ? IF EXISTS`,
);
export const enterInstance = statement(
  'group.enter-instance',
  'INSERT INTO instances (consumer_group, instance_id, beat, control_revision) VALUES (?, ?, ?, ?) IF NOT EXISTS',
);
export const readInstances = statement(
  'group.read-instances',
  `SELECT instance_id, beat, control_revision FROM instances ${OF_GROUP}`,
);
export const removeInstance = statement(
  'group.remove-instance',
  `DELETE FROM instances ${OF_GROUP} AND instance_id = ? IF EXISTS`,
);

export const readBuckets = statement(
  'group.read-buckets',
  `SELECT bucket, owner, epoch, handoff_to FROM consumer_buckets ${OF_GROUP}`,
);
/** Gives a bucket to an owner, or to nobody. A bucket that was never taken has no row: its owner and epoch are null. */
export const giveBucket = statement(
  'group.give-bucket',
  `UPDATE consumer_buckets SET owner = ?, epoch = ?, handoff_to = ? ${OF_GROUP} AND bucket = ? IF owner = ? AND epoch = ?`,
);
export const askForBucket = statement(
  'group.ask-for-bucket',
  `UPDATE consumer_buckets SET handoff_to = ? ${OF_GROUP} AND bucket = ?
   IF owner = ? AND epoch = ? AND handoff_to = ?`,
);

export const readControl = statement('group.read-control', `SELECT paused, revision FROM group_control ${OF_GROUP}`);
/** The revision is null before the first change. */
export const changeControl = statement(
  'group.change-control',
  `UPDATE group_control SET paused = ?, revision = ? ${OF_GROUP} IF revision = ?`,
);

export const requestAction = statement(
  'group.request-action',
  'INSERT INTO admin_actions (consumer_group, action_id, action) VALUES (?, ?, ?) IF NOT EXISTS',
);
export const readActions = statement(
  'group.read-actions',
  `SELECT action_id, action, result FROM admin_actions ${OF_GROUP}`,
);
export const readAction = statement(
  'group.read-action',
  `SELECT action, result FROM admin_actions ${OF_GROUP} AND action_id = ?`,
);
export const completeAction = statement(
  'group.complete-action',
  `UPDATE admin_actions SET result = ? ${OF_GROUP} AND action_id = ? IF result = ?`,
);
