import type { Command } from '../command.js';
import { PARKED_DETAILS, orderForParked } from '../parked-order.js';

export const parkedRedriveCommand: Command = {
  name: 'parked redrive',
  usage: ['parked redrive GROUP ORDER_ID'],
  summary: 'goes on with a parked order, from the event that failed',
  details: `For when the cause is gone. If the event fails again, the order is parked again.\n${PARKED_DETAILS}`,
  example: 'parked redrive order-read-model-projection 0197c8a1-6f00-7000-8000-000000000001',
  arguments: [2, 2],
  options: {},
  run: (invocation) => orderForParked('redrive', null, invocation),
};
