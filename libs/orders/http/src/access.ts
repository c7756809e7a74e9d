import type { OrderAccess } from '@chronicle/orders-application';
import type { Principal } from '@chronicle/service-host';

// Who may do what, by scope. `admin` may do all of it for every customer, so it stands in every list.

/** Who may place, change and cancel orders. */
export const WRITERS = ['orders:write', 'admin'] as const;
/** Who may confirm, ship and deliver orders, and list them by status. */
export const FULFILLERS = ['orders:fulfil', 'admin'] as const;
/** Who may read orders. */
export const READERS = ['orders:read', 'orders:fulfil', 'admin'] as const;

/** Who may change the orders of every customer; others their own customer's. */
export const CHANGES_EVERY = ['admin'] as const;
/** Who may fulfil the orders of every customer: whoever may fulfil at all. */
export const FULFILS_EVERY = FULFILLERS;
/** Who may read the orders of every customer. */
export const READS_EVERY = FULFILLERS;

/** The orders that the caller reaches where any one of `everyScopes` opens those of every customer. */
export function accessOf(principal: Principal, everyScopes: readonly string[]): OrderAccess {
  return { customerId: principal.customerId, everyCustomer: principal.may(...everyScopes) };
}
