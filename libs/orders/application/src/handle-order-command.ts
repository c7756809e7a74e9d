import { hash } from 'node:crypto';
import {
  bodyHash,
  createdAggregateId,
  identifyCommand,
  isReceipt,
  type CommandIdentity,
  type CommandOutcome,
  type CommandScope,
} from '@chronicle/event-sourcing-core';
import type { OrderCommand, OrderRefusal } from '@chronicle/orders-domain';
import { uuidFromBytes, type Clock, type Entropy } from '@chronicle/seams';
import { mayReach, type OrderAccess } from './order-access.js';
import type { OrderCommandExecutor } from './order-registration.js';

/** What is asked of an order, without the order's id. */
export type OrderRequest = WithoutId<OrderCommand>;
type WithoutId<Command> = Command extends OrderCommand ? Omit<Command, 'orderId'> : never;

/** An order command with everything that is known of its sender. */
export interface OrderCommandRequest {
  /** In lower case; null in a creation that leaves the choice to us. */
  readonly orderId: string | null;
  readonly command: OrderRequest;
  /** The body as it was sent: what a repeat must be equal to. */
  readonly body: unknown;
  /** What an idempotency key belongs to. */
  readonly scope: CommandScope;
  readonly idempotencyKey: string | undefined;
  /** Which orders the sender may change; on a creation that is settled before. */
  readonly access: OrderAccess;
  /** The version that the sender requires. */
  readonly expectedVersion: number | undefined;
  readonly correlationId: string;
  /** The direct parent, when the sender named one. */
  readonly causationId: string | undefined;
  readonly traceparent: string | undefined;
}

/** What became of the command, and by which ids it and its order are known: the same for every repeat. */
export interface HandledOrderCommand {
  readonly orderId: string;
  readonly commandId: string;
  readonly result: CommandOutcome<OrderRefusal>;
}

/** What the handler of commands takes from around it. */
export interface CommandSurroundings {
  readonly clock: Clock;
  readonly entropy: Entropy;
  /** Told what became of each command, for metrics: `replayed` when it was accepted before. */
  readonly onHandled?: (
    command: OrderCommand['type'],
    outcome: HandledOrderCommand['result']['outcome'] | 'replayed',
  ) => void;
}

/**
 * The one path of every command of orders: name the command and its order, then let the executor decide and append. Throws
 * `StoreUnavailableError` when nothing could be read or written; a command that may have happened is an outcome, not an error.
 */
export class HandleOrderCommand {
  constructor(
    private readonly executor: Pick<OrderCommandExecutor, 'execute'>,
    private readonly surroundings: CommandSurroundings,
  ) {}

  async execute(request: OrderCommandRequest): Promise<HandledOrderCommand> {
    const { scope, access, traceparent } = request;
    const identity = identifyCommand(scope, request.idempotencyKey, this.surroundings);
    const orderId = request.orderId ?? createdAggregateId(identity);
    const creates = request.command.type === 'CreateOrder';
    const commandId = creates && request.orderId !== null ? idWithOrder(identity, orderId) : identity.commandId;
    const result = await this.executor.execute({
      aggregateId: orderId,
      command: { ...request.command, orderId },
      ...(creates && request.orderId === null && request.idempotencyKey === undefined && { isNew: true }),
      commandId,
      idempotency: { key: identity.key, bodyHash: bodyHash(request.body) },
      expectedVersion: request.expectedVersion,
      // A creation meets nobody's order but the one whose id it wants, and that this id is taken is no secret to keep.
      ...(!creates && { visible: ({ customerId }) => mayReach(access, customerId) }),
      correlationId: request.correlationId,
      causationId: request.causationId,
      userId: scope.subject,
      metadata: { commandId, ...(traceparent !== undefined && { traceparent }) },
    });
    const replayed = result.outcome === 'accepted' && result.replayed;
    this.surroundings.onHandled?.(request.command.type, replayed ? 'replayed' : result.outcome);
    return { orderId, commandId, result };
  }
}

/** The same key on a creation that names another order is another command, so the command's id is made of both. */
function idWithOrder({ commandId, key }: CommandIdentity, orderId: string): string {
  if (isReceipt(commandId)) return commandId;
  return uuidFromBytes(hash('sha256', `${key}:${orderId}`, 'buffer'), 8);
}
