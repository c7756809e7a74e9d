import { userInfo } from 'node:os';
import type { ActionResult, AdminAction } from '@chronicle/change-feed-core';
import { isUuid, systemEntropy, timestampText, uuidV7, type Clock } from '@chronicle/seams';
import { CouldNotError, EXIT, NotThereError, type ExitCode, type Invocation } from './command.js';
import { GROUP_NAMES, groupArgument } from './groups.js';
import { openGroup, withStored, type OpenGroup } from './open-parts.js';

/** How long to wait for the worker that carries an order out. */
export const ANSWER_TIMEOUT_MS = 15_000;
const LOOK_EVERY_MS = 100;

/** What the help of both commands says. */
export const PARKED_DETAILS =
  `GROUP is one of ${GROUP_NAMES.join(', ')}.\n` +
  `A worker of the group carries it out, so one must run: exit code 2 when none did within ${ANSWER_TIMEOUT_MS / 1000} s (the order stands, and is\n` +
  'carried out by the next one). Exit code 1 when the order is not parked in that group.';

/** Has a worker of the group go on with a parked order, and tells what came of it. */
export async function orderForParked(
  kind: AdminAction['kind'],
  reason: string | null,
  { arguments: [givenGroup, givenId], location, output, clock, signal }: Invocation,
): Promise<ExitCode> {
  const consumerGroup = groupArgument(givenGroup!);
  const { group } = consumerGroup;
  const notParked = new NotThereError(`order ${givenId} is not parked in ${group}: see \`parked list ${group}\``);
  if (!isUuid(givenId)) throw notParked;
  const aggregateId = givenId.toLowerCase();
  const result = await withStored(location, async (engine) => {
    const bucket = (await engine.changeFeed()).bucketOf(aggregateId);
    const open = await openGroup(engine, consumerGroup);
    const parked = (await open?.store.positions([aggregateId]))?.get(aggregateId)?.parked;
    if (!open || !parked) throw notParked;
    const action: AdminAction = {
      ...{ actionId: uuidV7(clock, systemEntropy), kind, aggregateId, bucket, reason },
      sequenceNumber: parked.sequenceNumber,
      userId: userInfo().username,
      requestedAt: timestampText(clock.now()),
    };
    const result = await carriedOut(action, open, clock, signal);
    if (result === undefined) throw noWorker(group, action);
    const now = (await open.store.positions([aggregateId])).get(aggregateId);
    return result === 'done' ? { parkedAgain: now?.parked ?? null } : undefined;
  });
  if (!result) throw notParked;
  const { parkedAgain } = result;
  await output.result({ group, aggregateId, result: 'done', parked: parkedAgain }, () =>
    parkedAgain
      ? `order ${aggregateId} is parked again at event ${parkedAgain.sequenceNumber}: ${parkedAgain.reason}`
      : `order ${aggregateId} goes on in ${group}`,
  );
  return EXIT.done;
}

async function carriedOut(
  action: AdminAction,
  { coordination }: OpenGroup,
  clock: Clock,
  signal: AbortSignal,
): Promise<ActionResult | undefined> {
  await coordination.request(action);
  const deadline = clock.monotonic() + ANSWER_TIMEOUT_MS;
  while (!signal.aborted && clock.monotonic() < deadline) {
    const result = await coordination.actionResult(action.actionId);
    if (result !== undefined) return result;
    await clock.sleep(LOOK_EVERY_MS, signal);
  }
  return undefined;
}

function noWorker(group: string, { kind, aggregateId }: AdminAction): CouldNotError {
  return new CouldNotError(
    `no worker of ${group} carried out the ${kind} of ${aggregateId} within ${ANSWER_TIMEOUT_MS / 1000} s: is one running? ` +
      'It stands, and is carried out by the next one that does',
  );
}
