/** No Java, no Maven, no Docker, or no way to get what they need: the message says what is missing and how to help. */
export class ServersUnavailableError extends Error {
  readonly code = 'servers-unavailable';
  constructor(message: string, options?: ErrorOptions) {
    super(message, options);
    this.name = 'ServersUnavailableError';
  }
}

/** A server that the environment names cannot be used. Always an error: somebody wanted that one, not the next best. */
export class ServerAddressError extends Error {
  readonly code = 'server-address';
  constructor(message: string, options?: ErrorOptions) {
    super(message, options);
    this.name = 'ServerAddressError';
  }
}

/** A server was launched, or was to be, and does not serve. The message ends with the last lines of its log. */
export class ServerStartError extends Error {
  readonly code = 'server-start';
  constructor(message: string, options?: ErrorOptions) {
    super(message, options);
    this.name = 'ServerStartError';
  }
}

/** The data directory holds another set of servers than the one asked for. */
export class ServerSetMismatchError extends Error {
  readonly code = 'server-set-mismatch';
  constructor(message: string) {
    super(message);
    this.name = 'ServerSetMismatchError';
  }
}

/** The text of whatever was thrown. */
export function messageOf(error: unknown): string {
  return String((error as { message?: unknown } | null)?.message ?? error);
}
