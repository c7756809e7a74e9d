import { EXIT, type Command } from '../command.js';
import { withCheckedSystem } from '../open-parts.js';
import { secondsOption } from '../option-values.js';
import { progressLine } from '../progress-line.js';
import { textTable } from '../text-table.js';
import { DIFFERENCES_LISTED_MAX, type Difference } from '../verification/difference.js';
import { GRACE_MS, verifySystem, type VerifyResult } from '../verification/verify-system.js';

export const verifyCommand: Command = {
  name: 'verify',
  usage: ['verify [--grace SECONDS]'],
  summary: 'compares the change log, the read models and the topic with the event store',
  details:
    'The change log must equal the event store as a set; each read model the fold of the events, row by row and field by field,\n' +
    'with no row more; the topic must be complete, and in order per key (by first occurrences). Says exactly which event, row,\n' +
    `field or message differs (at most ${DIFFERENCES_LISTED_MAX} a part).\n` +
    'Safe on a running system: events younger than the lag that it states (committed after it began) are left out, and a group\n' +
    'that is behind is given time. Exit code 0 agrees, 1 differs, 2 could not check.',
  example: 'verify --json',
  arguments: [0, 0],
  options: {
    grace: {
      value: 'SECONDS',
      help: `time for a group that is behind to catch up, for each part (default ${GRACE_MS / 1000})`,
    },
  },
  async run({ options, location, output, clock }) {
    const graceMs = secondsOption(options, 'grace');
    const line = progressLine(output, clock);
    const result = await withCheckedSystem(location, (system) =>
      verifySystem(system, { clock, graceMs, onProgress: line.onProgress }),
    ).finally(() => line.end());
    await output.result(report(result), () => text(result));
    return result.agrees ? EXIT.done : EXIT.differs;
  },
};

/** The result with the differences of all parts in one list, which is what a script looks at. */
function report({ agrees, asOf, lagMs, aggregates, events, parts }: VerifyResult): object {
  return {
    ...{ agrees, asOf, lagMs, orders: aggregates, events },
    parts: parts.map(({ differences, ...part }) => ({ ...part, differences: differences.length })),
    differences: parts.flatMap(({ differences }) => differences),
  };
}

function text(result: VerifyResult): string {
  const { agrees, asOf, lagMs, aggregates, events, parts } = result;
  const rows = parts.map(({ part, agrees, differences, more }) => {
    return [part, agrees ? 'agrees' : 'DIFFERS', `${differences.length}${more ? ' and more' : ''}`];
  });
  return [
    ...parts.flatMap(({ differences }) => differences.map(describe)),
    textTable(['PART', 'RESULT', 'DIFFERENCES'], rows),
    '',
    `${agrees ? 'agrees' : 'DIFFERS'}: ${aggregates} orders, ${events} events, as of ${asOf}; younger events are left out (lag ${(lagMs / 1000).toFixed(1)} s)`,
  ].join('\n');
}

function describe(difference: Difference): string {
  const { part, kind, aggregateId, sequenceNumber, key, fields, detail } = difference;
  const place = [
    `order ${aggregateId}`,
    ...(sequenceNumber === null ? [] : [key ? `version ${sequenceNumber}` : `event ${sequenceNumber}`]),
    ...(key ? [`row ${JSON.stringify(key)}`] : []),
  ].join(', ');
  const lines = fields.map(({ field, expected, found }) => {
    return `    ${field}: expected ${JSON.stringify(expected)}, found ${JSON.stringify(found)}`;
  });
  return [`${part}: ${kind}: ${place}${detail ? ` (${detail})` : ''}`, ...lines].join('\n');
}
