import { StoreUnavailableError } from '@chronicle/event-sourcing-core';

// Primary result codes, https://sqlite.org/rescode.html.
const PERM = 3;
const BUSY = 5;
const LOCKED = 6;
const NOMEM = 7;
const READONLY = 8;
const IOERR = 10;
const CORRUPT = 11;
const FULL = 13;
const CANTOPEN = 14;
const PROTOCOL = 15;
const CONSTRAINT = 19;
const NOTADB = 26;

/** What says that the file cannot be used now, and not that the statement is wrong. */
const FILE_AT_FAULT = [BUSY, LOCKED, PERM, NOMEM, READONLY, IOERR, CORRUPT, FULL, CANTOPEN, PROTOCOL, NOTADB];
/**
 * What a failed COMMIT may say when nothing of it can ever appear: it never began (busy, constraint), or its last frame, the
 * one that makes it valid, did not fit on the disk (full). After anything else, a recovery may still find that frame.
 */
const NOT_COMMITTED = [BUSY, LOCKED, FULL, CONSTRAINT];

/** A COMMIT failed in a way that does not tell whether the transaction will be found after a restart. Repeat it if that is harmless. */
export class UndecidedCommitError extends Error {
  readonly code = 'undecided-commit';
  readonly retryable = true;
  constructor(path: string, options: { readonly cause: unknown }) {
    super(
      `${path}: COMMIT failed (${reason(options.cause)}); the transaction may or may not be found after a restart`,
      options,
    );
    this.name = 'UndecidedCommitError';
  }
}

/** Does another connection hold the lock that is needed? It will let go soon. */
export function isBusy(error: unknown): boolean {
  return [BUSY, LOCKED].includes(primaryCode(error));
}

export function isUndecided(error: unknown): boolean {
  return !NOT_COMMITTED.includes(primaryCode(error));
}

/** The error to throw for `error`: a {@link StoreUnavailableError} where the file is at fault, else itself (a bug of the caller). */
export function storeError(path: string, error: unknown): unknown {
  const unavailable = FILE_AT_FAULT.includes(primaryCode(error)) || nodeCode(error) === 'ERR_INVALID_STATE'; // = is closed
  return unavailable ? new StoreUnavailableError(`${path} cannot be used: ${reason(error)}`, { cause: error }) : error;
}

function primaryCode(error: unknown): number {
  return nodeCode(error) === 'ERR_SQLITE_ERROR' ? (error as { errcode: number }).errcode & 0xff : 0;
}

function nodeCode(error: unknown): unknown {
  return typeof error === 'object' && error !== null && 'code' in error ? error.code : undefined;
}

function reason(error: unknown): string {
  return typeof error === 'object' && error !== null && 'message' in error ? String(error.message) : String(error);
}
