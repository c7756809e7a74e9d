import { StoreUnavailableError } from '@chronicle/event-sourcing-core';

/**
 * Nobody can say whether a write was made: it may be there, appear later, or never. A read that finds it decides; one that
 * does not proves nothing.
 */
export class CqlUnknownOutcomeError extends Error {
  override readonly name = 'CqlUnknownOutcomeError';
  readonly code = 'cql-unknown-outcome';
  readonly retryable = false;
}

/** The database understood the request and refuses it: a missing table, wrong types, no right. A mistake of ours or of the schema; repeating does not help. */
export class CqlRefusedError extends Error {
  override readonly name = 'CqlRefusedError';
  readonly code = 'cql-refused';
  readonly retryable = false;
}

/** What a request was, as far as its failure depends on it. */
export type RequestKind = 'read' | 'write' | 'conditional write';

/**
 * Native protocol v4/v5 error codes (the specification's section 9) that say the coordinator did not begin. Too few replicas is
 * found before a write is sent; but a condition is agreed on first and carried out in a further round, which looks for replicas anew.
 */
const [UNAVAILABLE, BOOTSTRAPPING] = [0x1000, 0x1002];
/**
 * Server errors in the middle of a request: server error, overload (also found between two replicas), truncation, time-outs, failures,
 * CAS write unknown, CDC write failure.
 */
const IN_THE_MIDDLE = new Set([0x0000, 0x1001, 0x1003, 0x1100, 0x1200, 0x1300, 0x1400, 0x1500, 0x1600, 0x1700]);

/**
 * Turns what the driver threw into what the caller must know. By signal, not by text: a server's error code; a client-side
 * time-out or a socket lost after sending (the request may still wait in a coordinator and be carried out later).
 */
export function classifyCqlError(
  error: unknown,
  kind: RequestKind,
): StoreUnavailableError | CqlUnknownOutcomeError | CqlRefusedError {
  const signal = signalOf(error, kind);
  const text = `${kind}: ${textOf(error)}`;
  if (signal === 'refused') return new CqlRefusedError(text, { cause: error });
  if (kind === 'read' || signal === 'not begun') return new StoreUnavailableError(text, { cause: error });
  return new CqlUnknownOutcomeError(text, { cause: error });
}

interface DriverError {
  readonly name?: string;
  readonly code?: unknown;
  readonly isSocketError?: boolean;
  readonly requestNotWritten?: boolean;
  readonly innerErrors?: Readonly<Record<string, unknown>>;
}

function signalOf(error: unknown, kind: RequestKind): 'not begun' | 'perhaps begun' | 'refused' {
  const { name, code, isSocketError, requestNotWritten, innerErrors } = (error ?? {}) as DriverError;
  if (name === 'ResponseError') {
    if (code === UNAVAILABLE) return kind === 'conditional write' ? 'perhaps begun' : 'not begun';
    if (code === BOOTSTRAPPING) return 'not begun';
    return IN_THE_MIDDLE.has(code as number) ? 'perhaps begun' : 'refused';
  }
  if (name === 'NoHostAvailableError') {
    // Each host was tried in turn: none of them has the request only if that is so of every one.
    const signals = Object.values(innerErrors ?? {}).map((inner) =>
      isWithoutConnection(inner) ? 'not begun' : signalOf(inner, kind),
    );
    if (signals.every((signal) => signal === 'not begun')) return 'not begun';
    return signals.includes('perhaps begun') ? 'perhaps begun' : 'refused';
  }
  if (isSocketError) return requestNotWritten ? 'not begun' : 'perhaps begun';
  if (name === 'BusyConnectionError' || name === 'AuthenticationError') return 'not begun';
  if (name === 'ArgumentError' || name === 'TypeError' || name === 'NotSupportedError') return 'refused';
  return 'perhaps begun';
}

/** The driver's own text of an error of several hosts is a page long, with a stack. */
function textOf(error: unknown): string {
  const { name, innerErrors } = (error ?? {}) as DriverError;
  const inner = Object.entries(innerErrors ?? {});
  if (name !== 'NoHostAvailableError' || inner.length === 0) return messageOf(error);
  return `no node could be asked (${inner.map(([host, why]) => `${host}: ${messageOf(why)}`).join('; ')})`;
}

function messageOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}

/**
 * A host that got nothing: it was taken for down (the driver notes a text), its pool had no connection to lend (an `Error` of no
 * class of the driver's, which it throws nowhere else here), or the connection never came about.
 */
function isWithoutConnection(error: unknown): boolean {
  if (typeof error === 'string') return true;
  const { name, code, isSocketError } = (error ?? {}) as DriverError;
  if (code === undefined) return name === 'Error' && isSocketError === undefined;
  return code === 'ECONNREFUSED' || code === 'EHOSTUNREACH' || code === 'ENETUNREACH' || code === 'ENOTFOUND';
}
