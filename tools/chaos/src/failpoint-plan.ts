import type { Failpoint } from '@chronicle/seams';
import { SECOND_PUBLISHER, SECOND_READ_MODEL, SECOND_WRITER } from './chaos-system.js';
import type { ChaosEngine } from './chaos-system.js';
import type { Dice } from './dice.js';

/** What happens at which pass of a failpoint. `stop` is followed by SIGCONT: see {@link Life.goesOn}. */
export interface ArmedFailpoint {
  readonly name: Failpoint;
  readonly nth: number;
  readonly effect: 'exit' | 'throw' | 'stop' | `delay=${number}`;
}

/** One process with its failpoints, in the order in which they are passed: also when it has much to catch up with at first, or is slow. */
export interface Life {
  readonly app: string;
  readonly armed: readonly ArmedFailpoint[];
  /** The last one is passed on the way out: SIGTERM is sent when the others have been. */
  readonly endsInOrder?: boolean;
  /**
   * When it goes on after `stop`: shortly after (the default); when the failpoints of the other lives of its step have been passed;
   * at the end of the run, when its group has deposed it.
   */
  readonly goesOn?: 'after-others' | 'deposed';
}

/** Lives that are begun together, in this order; the next step begins when all their failpoints have been passed. */
export type Step = readonly Life[];

/** The steps that are taken one after another, beside those of other scripts. */
export type Script = readonly Step[];

/** The failpoints that code of every engine passes. */
const EVERYWHERE: readonly Failpoint[] = [
  ...(['after-load', 'before-commit-send', 'after-commit', 'before-reply', 'snapshot-mid-write'] as const),
  ...(['feed-after-fetch', 'projection-after-write', 'before-checkpoint', 'publish-after-ack'] as const),
  ...(['bucket-after-take', 'handoff-after-drain', 'heartbeat-lost-reply', 'sigterm-before-release'] as const),
];

/** Those of the commit protocol of a cluster. */
const ON_A_CLUSTER: readonly Failpoint[] = [
  ...(['after-intent', 'before-outbox', 'after-outbox', 'before-clear'] as const),
  ...(['repair-after-read', 'repair-after-publish', 'repair-after-fence'] as const),
];

/** The failpoints that code of that engine passes. */
export function failpointsOf(engine: ChaosEngine): readonly Failpoint[] {
  return engine === 'embedded' ? EVERYWHERE : [...EVERYWHERE, ...ON_A_CLUSTER];
}

/** Longer than clients wait for an answer, and than an acknowledgement of the change log counts. */
const LONG_DELAY = 'delay=4000';

/**
 * Every failpoint of {@link failpointsOf} the engine: with `exit`, and with `throw`, `delay` and `stop` where the step around it has
 * an answer to them (a fetch that throws is a bug, not an outage). Passes are counted from where the dice say.
 */
export function failpointPlan(dice: Dice, engine: ChaosEngine): readonly Script[] {
  const { at, exactly } = passesBy(dice);
  const commands = (...armed: readonly ArmedFailpoint[]): Step => [{ app: 'command-service', armed }];
  return [
    [
      ...(engine === 'embedded' ? [] : [...repairs(dice), ...endsOfCommits(dice)]),
      commands(at('after-load', 5, 'throw'), at('before-commit-send', 15, 'delay=500'), at('after-load', 70, 'exit')),
      commands(
        at('before-commit-send', 5, 'throw'),
        at('after-commit', 15, 'delay=500'),
        at('before-commit-send', 40, 'exit'),
      ),
      commands(at('after-commit', 5, 'throw'), at('before-reply', 15, 'throw'), at('after-commit', 40, 'exit')),
      commands(at('before-reply', 5, LONG_DELAY), at('before-commit-send', 15, 'stop'), at('before-reply', 60, 'exit')),
      commands(exactly('snapshot-mid-write', 1, 'throw'), exactly('snapshot-mid-write', dice.whole(2, 4), 'exit')),
    ],
    [
      [
        life(
          'order-read-model-projection',
          exactly('handoff-after-drain', 1, 'throw'),
          exactly('handoff-after-drain', dice.whole(2, 4), 'exit'),
        ),
        life(SECOND_READ_MODEL, exactly('bucket-after-take', dice.whole(1, 5), 'exit')),
      ],
      [
        life(
          'order-read-model-projection',
          ...[exactly('feed-after-fetch', 1, 'delay=500'), at('projection-after-write', 15, 'throw')],
          at('projection-after-write', 40, 'exit'),
        ),
      ],
      [life('order-read-model-projection', at('before-checkpoint', 2, 'throw'), at('before-checkpoint', 15, 'exit'))],
      [{ ...life(SECOND_READ_MODEL, at('before-commit-send', 5, 'stop')), goesOn: 'deposed' }],
    ],
    // A group without a second replica has a backlog when it starts again: it ends in the middle of a large batch.
    [
      [life('orders-by-customer-projection', at('feed-after-fetch', 5, 'stop'), at('feed-after-fetch', 30, 'exit'))],
      // A slow write ends a transaction early: the exit comes when some positions are durable, and no checkpoint is.
      [
        life(
          'orders-by-customer-projection',
          ...[exactly('projection-after-write', 1, 'delay=50'), exactly('projection-after-write', 2, 'exit')],
        ),
      ],
      [
        life(
          'orders-by-customer-projection',
          ...[exactly('heartbeat-lost-reply', 1, 'throw'), exactly('heartbeat-lost-reply', 2, 'exit')],
        ),
      ],
    ],
    [
      [life('orders-by-status-projection', at('bucket-after-take', 1, 'throw'), at('bucket-after-take', 12, 'exit'))],
      [life('orders-by-status-projection', exactly('before-checkpoint', dice.whole(1, 2), 'exit'))],
      [
        {
          ...life(
            'orders-by-status-projection',
            at('projection-after-write', 5, 'stop'),
            exactly('sigterm-before-release', 1, 'exit'),
          ),
          endsInOrder: true,
        },
      ],
    ],
    [
      [
        life(
          'publisher',
          ...[exactly('publish-after-ack', 1, 'throw'), exactly('publish-after-ack', 2, LONG_DELAY)],
          at('publish-after-ack', 3, 'exit'),
        ),
      ],
      // Alone: checkpoints are saved without a message too, so that nothing says how many come before one.
      [life('publisher', at('before-checkpoint', 5, 'exit'))],
      [{ ...life(SECOND_PUBLISHER, exactly('publish-after-ack', 2, 'stop')), goesOn: 'deposed' }],
    ],
  ];
}

/**
 * One command-service stops in the middle of the commit protocol until it is taken for dead; the other one repairs what it left,
 * and is interrupted too. Then the first goes on, as if nothing had been: with a commit that must be refused, with rows of the
 * change log that are there already. All commands go to the first, so nobody else moves the orders that it was about to change.
 */
function repairs(dice: Dice): readonly Step[] {
  const { at, exactly } = passesBy(dice);
  const taken = (...armed: readonly ArmedFailpoint[]): Life => ({
    ...life('command-service', ...armed),
    goesOn: 'after-others',
  });
  return [
    [
      life(
        SECOND_WRITER,
        ...[exactly('repair-after-read', 1, 'throw'), exactly('repair-after-fence', 1, 'throw')],
        exactly('repair-after-fence', 2, 'exit'),
      ),
      taken(at('after-intent', 5, 'throw'), at('after-intent', 30, 'stop')),
    ],
    [
      life(
        SECOND_WRITER,
        ...[exactly('repair-after-read', 1, 'delay=500'), exactly('repair-after-publish', 1, 'throw')],
        exactly('repair-after-publish', 2, 'exit'),
      ),
      taken(at('before-outbox', 5, 'throw'), at('before-outbox', 20, LONG_DELAY), at('before-outbox', 50, 'stop')),
    ],
    [
      life(SECOND_WRITER, exactly('repair-after-read', dice.whole(1, 3), 'exit')),
      taken(at('after-outbox', 5, 'throw'), at('after-outbox', 30, 'stop')),
    ],
  ];
}

/** Ends in the middle of the commit protocol; what is left is repaired beside all else that happens. */
function endsOfCommits(dice: Dice): readonly Step[] {
  const { at, exactly } = passesBy(dice);
  return [
    [life('command-service', at('after-intent', 30, 'exit'))],
    [life('command-service', at('before-outbox', 30, 'exit'))],
    [life('command-service', at('after-outbox', 30, 'exit'))],
    [
      life(
        'command-service',
        ...[exactly('before-clear', 1, 'throw'), exactly('before-clear', 2, LONG_DELAY)],
        exactly('before-clear', dice.whole(3, 5), 'exit'),
      ),
    ],
  ];
}

function life(app: string, ...armed: readonly ArmedFailpoint[]): Life {
  return { app, armed };
}

/** Ways to say at which pass: from one on that the dice move, or at just that one. */
function passesBy(dice: Dice) {
  const exactly = (name: Failpoint, nth: number, effect: ArmedFailpoint['effect']): ArmedFailpoint => {
    return { name, nth, effect };
  };
  const at = (name: Failpoint, pass: number, effect: ArmedFailpoint['effect']) =>
    exactly(name, pass + dice.whole(0, 9), effect);
  return { at, exactly };
}

/** As the environment variable has it. */
export function failpointText(armed: readonly ArmedFailpoint[]): string {
  return armed.map(({ name, nth, effect }) => `${name}:${nth}:${effect}`).join(',');
}
