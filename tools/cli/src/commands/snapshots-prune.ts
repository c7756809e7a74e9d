import { EXIT, type Command } from '../command.js';
import { withSnapshots } from '../open-parts.js';
import { integerOption } from '../option-values.js';

const KEPT_BY_DEFAULT = 1;

export const snapshotsPruneCommand: Command = {
  name: 'snapshots prune',
  usage: ['snapshots prune [--keep N]'],
  summary: 'deletes all but the newest snapshots of every order',
  details: 'Snapshots only save time: an order without one is read from its first event.',
  example: 'snapshots prune --keep 2',
  arguments: [0, 0],
  options: { keep: { value: 'N', help: `how many to keep of every order (default ${KEPT_BY_DEFAULT}; 0: none)` } },
  async run({ options, location, output }) {
    const keep = integerOption(options, 'keep', 0) ?? KEPT_BY_DEFAULT;
    const deleted = await withSnapshots(location, (snapshots) => snapshots.prune(keep));
    await output.result({ deleted, keep }, () => `${deleted} snapshots deleted, at most ${keep} kept of every order`);
    return EXIT.done;
  },
};
