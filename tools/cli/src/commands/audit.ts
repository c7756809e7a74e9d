import { EXIT, type Command } from '../command.js';
import { withEventStore } from '../open-parts.js';
import { progressLine } from '../progress-line.js';
import { textTable } from '../text-table.js';
import { BREAKS_LISTED_MAX, auditChains, type AuditResult } from '../verification/audit-chains.js';

export const auditCommand: Command = {
  name: 'audit',
  usage: ['audit'],
  summary: 'follows the hash chain of every order and names the first bad event of each',
  details:
    'Finds every change made to an event after it was written, and events taken out of the middle; that the last ones were\n' +
    `taken away is what verify finds. At most ${BREAKS_LISTED_MAX} orders are listed. Exit code 0 intact, 1 broken, 2 could not check.`,
  example: 'audit --json',
  arguments: [0, 0],
  options: {},
  async run({ location, output, clock }) {
    const line = progressLine(output, clock);
    const result = await withEventStore(location, (store) =>
      auditChains(store, (done, total) => line.onProgress('hash chains', done, total)),
    ).finally(() => line.end());
    const { aggregates: orders, ...facts } = result;
    await output.result({ ...facts, orders }, () => text(result));
    return result.intact ? EXIT.done : EXIT.differs;
  },
};

function text({ intact, aggregates, events, broken, breaks }: AuditResult): string {
  const rows = breaks.map(({ aggregateId, sequenceNumber, eventType, eventId, reason }) => {
    return [aggregateId, sequenceNumber, eventType, eventId, reason];
  });
  const table = intact ? [] : [textTable(['ORDER', 'SEQ', 'TYPE', 'EVENT', 'WHY'], rows), ''];
  const verdict = intact ? 'intact' : `BROKEN: the chains of ${broken} orders`;
  return [...table, `${verdict}: ${aggregates} orders, ${events} events`].join('\n');
}
