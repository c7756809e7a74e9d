/** Who sent a request, as far as the token says. */
export class Principal {
  constructor(
    /** Claim `iss`; null without authentication. */
    readonly issuer: string | null,
    /** Claim `sub`, the userId of events; null without authentication. */
    readonly subject: string | null,
    /** The words of claim `scope`. */
    readonly scopes: ReadonlySet<string>,
    /** The customer the caller is, a UUID in lower case; null when the token names none. */
    readonly customerId: string | null,
  ) {}

  /** May the caller do what any one of `scopes` allows? With no scope named, and without authentication (`AUTH_MODE=off`): always. */
  may(...scopes: readonly string[]): boolean {
    return this === ANYBODY || scopes.length === 0 || scopes.some((scope) => this.scopes.has(scope));
  }
}

/** Whoever calls while `AUTH_MODE` is off: may do everything, and has no name. */
export const ANYBODY = new Principal(null, null, new Set(), null);
