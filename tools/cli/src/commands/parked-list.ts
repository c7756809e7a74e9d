import type { ParkedAggregate } from '@chronicle/change-feed-core';
import { EXIT, type Command } from '../command.js';
import { GROUPS, GROUP_NAMES, groupArgument } from '../groups.js';
import { openGroup, withStored } from '../open-parts.js';
import { textTable } from '../text-table.js';

export const parkedListCommand: Command = {
  name: 'parked list',
  usage: ['parked list [GROUP]'],
  summary: 'prints the orders that a consumer group has set aside, and why',
  details: `Without GROUP those of all groups: ${GROUP_NAMES.join(', ')}.\nThose parked longest first, at most 1000 a group.`,
  example: 'parked list order-read-model-projection',
  arguments: [0, 1],
  options: {},
  async run({ arguments: [given], location, output }) {
    const groups = given === undefined ? GROUPS : [groupArgument(given)];
    const parked: ({ group: string } & ParkedAggregate)[] = [];
    await withStored(location, async (engine) => {
      for (const group of groups) {
        const found = (await (await openGroup(engine, group))?.store.parked()) ?? [];
        parked.push(...found.map((aggregate) => ({ group: group.group, ...aggregate })));
      }
    });
    await output.result({ parked }, () =>
      parked.length === 0
        ? `nothing is parked in ${groups.map(({ group }) => group).join(', ')}`
        : textTable(
            ['GROUP', 'ORDER', 'SEQ', 'TYPE', 'SINCE', 'REASON'],
            parked.map((row) => [row.group, row.aggregateId, row.sequenceNumber, row.eventType, row.since, row.reason]),
          ),
    );
    return EXIT.done;
  },
};
