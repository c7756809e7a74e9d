import { EXIT, type Command } from '../command.js';
import { readGroups, type GroupReport } from '../group-report.js';
import { textTable } from '../text-table.js';

export const groupsCommand: Command = {
  name: 'groups',
  usage: ['groups'],
  summary: 'prints how far the consumer groups have come, and who works in them',
  details:
    'Of every group: lag (committed events not yet handled, exact up to 10,000, and the age of the oldest), whether it is paused,\n' +
    'parked orders, instances, and of every bucket its owner, epoch and checkpoint. A group that never ran has not started.',
  example: 'groups --json',
  arguments: [0, 0],
  options: {},
  async run({ location, output, clock }) {
    const groups = await readGroups(location, clock);
    await output.result({ groups }, () => text(groups));
    return EXIT.done;
  },
};

function text(groups: readonly GroupReport[]): string {
  const summary = groups.map(({ group, started, paused, lag, parked, instances }) => {
    const state = !started ? 'not started' : paused ? 'paused' : 'running';
    return [group, state, lag.events, `${(lag.ms / 1000).toFixed(1)} s`, parked, instances.length];
  });
  const buckets = groups.flatMap(({ group, buckets }) =>
    buckets.map(({ bucket, owner, epoch, checkpoint }) => [group, bucket, owner, epoch, checkpoint]),
  );
  return [
    textTable(['GROUP', 'STATE', 'LAG', 'OLDEST', 'PARKED', 'INSTANCES'], summary),
    '',
    textTable(['GROUP', 'BUCKET', 'OWNER', 'EPOCH', 'CHECKPOINT'], buckets),
  ].join('\n');
}
