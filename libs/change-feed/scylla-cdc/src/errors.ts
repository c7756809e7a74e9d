/** The log, or a table about it, cannot be read now. Nothing is skipped: call `next` again, it goes on where it was. */
export class LogUnavailableError extends Error {
  override readonly name = 'LogUnavailableError';
  readonly code = 'cdc-log-unavailable';
  readonly retryable = true;

  constructor(
    /** The name of the statement that failed. */
    readonly statement: string,
    cause: unknown,
  ) {
    super(`${statement} was not answered: ${messageOf(cause)}; call next() again, nothing is skipped`, { cause });
  }
}

/** The database understood and refuses: a missing table or column, no right. Repeating does not help before that is mended. */
export class LogRefusedError extends Error {
  override readonly name = 'LogRefusedError';
  readonly code = 'cdc-log-refused';
  readonly retryable = false;

  constructor(
    /** The name of the statement that was refused. */
    readonly statement: string,
    cause: unknown,
  ) {
    super(`${statement} was refused: ${messageOf(cause)}; check names, rights and that CDC is enabled`, { cause });
  }
}

/**
 * A bucket must begin at a time whose rows may have expired already, so that something could be missing. The bucket has been
 * revoked. Catch up from another source, then assign it at a later checkpoint.
 */
export class LogExpiredError extends Error {
  override readonly name = 'LogExpiredError';
  readonly code = 'cdc-log-expired';
  readonly retryable = false;

  constructor(
    readonly bucket: number,
    /** Where the bucket would begin, RFC 3339. */
    readonly from: string,
    /** The oldest time the reader accepts, RFC 3339. */
    readonly oldest: string,
  ) {
    super(
      `bucket ${bucket} would begin at ${from}, but the log is trusted from ${oldest} on only: ` +
        'catch up from another source and assign the bucket at a later checkpoint',
    );
  }
}

/**
 * The streams of a log generation that a bucket needs are not there: none at all, or only some. It is never skipped. Call
 * `next` again: the generation is looked for until it is readable; other buckets go on meanwhile.
 */
export class GenerationUnreadableError extends Error {
  override readonly name = 'GenerationUnreadableError';
  readonly code = 'cdc-generation-unreadable';
  readonly retryable = true;

  constructor(
    /** When the generation begins, RFC 3339; null when there is no generation at all. */
    readonly generation: string | null,
    readonly reason: string,
  ) {
    super(
      generation === null
        ? `no log generation is known: ${reason}; check that CDC is enabled and that the metadata tables are the right ones`
        : `the log generation of ${generation} is not readable yet: ${reason}; check the replicas of the metadata tables`,
    );
  }
}

/** What is wrong with a log group: no last row, rows missing before it or standing after it, or a stream that is not its key's. */
export type GroupDefect = 'no-end' | 'sequence-gap' | 'rows-after-end' | 'misplaced';

/**
 * The log breaks its own rules, and handing on the group would be a guess. The bucket has been revoked. Look at the rows, then
 * assign the bucket again: with `brokenGroups: 'deliver'` such groups are handed out with their `defect` named.
 */
export class BrokenLogGroupError extends Error {
  override readonly name = 'BrokenLogGroupError';
  readonly code = 'cdc-log-group-broken';
  readonly retryable = false;

  constructor(
    readonly bucket: number,
    readonly defect: GroupDefect,
    /** Hexadecimal. */
    readonly streamId: string,
    /** `cdc$time` as text. */
    readonly time: string,
  ) {
    super(`the log group ${time} of stream ${streamId} (bucket ${bucket}) is broken: ${defect}`);
  }
}

/** A row holds what this version does not know, e.g. a new operation. The bucket has been revoked: skipping it would lose a change. */
export class LogRowUnreadableError extends Error {
  override readonly name = 'LogRowUnreadableError';
  readonly code = 'cdc-log-row-unreadable';
  readonly retryable = false;

  constructor(
    readonly bucket: number,
    readonly found: string,
  ) {
    super(`a row of the log (bucket ${bucket}) cannot be read: ${found}; a newer version of this reader may know it`);
  }
}

/** A text is no checkpoint of this reader. */
export class CheckpointInvalidError extends Error {
  override readonly name = 'CheckpointInvalidError';
  readonly code = 'cdc-checkpoint-invalid';
  readonly retryable = false;

  constructor(readonly text: string) {
    super(`"${text}" is not a checkpoint: expected "v1/<log generation in ms or ->/<time in µs>/<µs>"`);
  }
}

/** An option is out of range or does not fit the others. */
export class ReaderOptionsError extends Error {
  override readonly name = 'ReaderOptionsError';
  readonly code = 'cdc-options-invalid';
  readonly retryable = false;

  constructor(
    readonly option: string,
    expected: string,
  ) {
    super(`${option}: ${expected}`);
  }
}

/** What failed while `statement` was read, as one of ours. */
export function readError(statement: string, cause: unknown): LogUnavailableError | LogRefusedError {
  if (cause instanceof LogUnavailableError || cause instanceof LogRefusedError) return cause;
  const refused = (cause as { retryable?: unknown } | null | undefined)?.retryable === false;
  return refused ? new LogRefusedError(statement, cause) : new LogUnavailableError(statement, cause);
}

function messageOf(cause: unknown): string {
  return cause instanceof Error
    ? cause.message
    : String((cause as { message?: unknown } | undefined)?.message ?? cause);
}
