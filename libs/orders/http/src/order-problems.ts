import type { CommandOutcome } from '@chronicle/event-sourcing-core';
import type { OrderRefusal } from '@chronicle/orders-domain';
import { Problem } from '@chronicle/service-host';

/** What became of a command that was not accepted. */
export type FailedCommand = Exclude<CommandOutcome<OrderRefusal>, { readonly outcome: 'accepted' }>;

/** What a client is told of a command that was not accepted. */
export function commandProblem(orderId: string, commandId: string, result: FailedCommand): Problem {
  switch (result.outcome) {
    case 'refused':
      return refusalProblem(orderId, result.refusal);
    case 'not-found':
      return orderNotFound(orderId);
    case 'key-reused':
      return new Problem(
        'idempotency-key-reused',
        'this Idempotency-Key came with another body before; take a new key for a new command',
      );
    case 'version-mismatch': {
      const { expectedVersion, actualVersion } = result;
      const detail = `order ${orderId} is at version ${actualVersion}, not ${expectedVersion}; read it and decide anew`;
      return new Problem('version-mismatch', detail, { expectedVersion, actualVersion });
    }
    case 'contended':
      return new Problem(
        'concurrent-modification',
        `order ${orderId} changed ${result.attempts} times while this was decided; try again`,
      );
    case 'unknown': {
      const detail =
        'the store did not tell; repeat with the same Idempotency-Key, or with this commandId as the key if there was none';
      return new Problem('outcome-unknown', detail, { orderId, commandId }, {}, { cause: result.cause });
    }
    default:
      return unforeseen(result);
  }
}

function refusalProblem(orderId: string, refusal: OrderRefusal): Problem {
  switch (refusal.code) {
    case 'order-already-exists':
      return new Problem('order-already-exists', `there is an order ${orderId} already`);
    case 'order-not-found':
      return orderNotFound(orderId);
    case 'order-items-invalid':
      return new Problem('validation-failed', 'the items are not as they must be', { violations: refusal.violations });
    case 'order-rule-violated': {
      const { rule, orderStatus } = refusal;
      return new Problem('order-rule-violated', `order ${orderId} is ${orderStatus}: ${rule}`, { rule, orderStatus });
    }
    default:
      return unforeseen(refusal);
  }
}

/** One text for an order that does not exist and for one that the caller must not know of. */
export function orderNotFound(orderId: string): Problem {
  return new Problem('order-not-found', `there is no order ${orderId}`);
}

/** The caller acts for, or asks about, a customer that the token does not speak for. */
export function anotherCustomer(): Problem {
  return new Problem('forbidden', 'this token speaks for its own customer only');
}

/** The cursor was not made for this list. */
export function badCursor(): Problem {
  return new Problem('malformed-request', 'the cursor is none of this list; begin without one');
}

function unforeseen(value: never): never {
  throw new Error(`no answer is known for ${JSON.stringify(value)}`);
}
