/** Whose orders a caller may reach, as far as the caller's token says. */
export interface OrderAccess {
  /** The customer that the caller is; null when the token names none. */
  readonly customerId: string | null;
  /** May the caller reach the orders of every customer? */
  readonly everyCustomer: boolean;
}

/** May a caller with `access` reach what belongs to `customerId`? An order out of reach is answered as if it did not exist. */
export function mayReach(access: OrderAccess, customerId: string): boolean {
  return access.everyCustomer || access.customerId === customerId;
}
