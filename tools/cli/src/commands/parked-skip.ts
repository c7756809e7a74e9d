import { UsageError, type Command } from '../command.js';
import { textOption } from '../option-values.js';
import { PARKED_DETAILS, orderForParked } from '../parked-order.js';

const REASON_LENGTH_MAX = 1000;

export const parkedSkipCommand: Command = {
  name: 'parked skip',
  usage: ['parked skip GROUP ORDER_ID --reason TEXT'],
  summary: 'passes over the event at which an order is parked, and goes on with it',
  details:
    'The event stays in the event store and takes no effect in this group: verify will say so. The reason is kept.\n' +
    PARKED_DETAILS,
  example: 'parked skip external-publisher 0197c8a1-6f00-7000-8000-000000000001 --reason "told the partner by phone"',
  arguments: [2, 2],
  options: { reason: { value: 'TEXT', help: `why, 1 to ${REASON_LENGTH_MAX} characters` } },
  run(invocation) {
    const reason = textOption(invocation.options, 'reason')?.trim() ?? '';
    if (reason.length >= 1 && reason.length <= REASON_LENGTH_MAX) return orderForParked('skip', reason, invocation);
    throw new UsageError(
      `parked skip: --reason TEXT is needed, 1 to ${REASON_LENGTH_MAX} characters, found ${reason.length}`,
    );
  },
};
