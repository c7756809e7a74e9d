/** The bounds and paces of a {@link ConsumerWorker}. Every number ending in `Ms` is milliseconds. */
export interface WorkerSettings {
  /** No further page is fetched for a batch that has this many events; one page, if it is not full, is a batch. */
  readonly batchEventsMax: number;
  /** Positions kept in memory in front of the store; one of a projection has its state with it and takes 1 kB and more. */
  readonly cachedPositionsMax: number;
  /** Early events kept in memory; what comes on top is read from the event store when its turn has come. */
  readonly earlyEventsMax: number;
  /** An event that is missing this long after a later one of its aggregate was seen is read from the event store. */
  readonly holeGraceMs: number;
  /** How often an event that can pass is tried in all before its aggregate is parked. */
  readonly attemptsMax: number;
  /** The wait before the second attempt; it doubles with each further one. */
  readonly retryAfterMs: number;
  /** The longest wait between two attempts while nothing can be handled (an outage). */
  readonly outageRetryMaxMs: number;
  readonly heartbeatMs: number;
  /** An instance whose beat stood still this long, seen by reads that succeeded, is dead. */
  readonly instanceTimeoutMs: number;
  /** An instance that could not beat for this long writes no more. Less than {@link instanceTimeoutMs}. */
  readonly ownDeadlineMs: number;
  /** How often instances and bucket rows are read. */
  readonly coordinateEveryMs: number;
  /** A bucket that nobody took for this long is taken beyond the fair share. */
  readonly freeGraceMs: number;
  /** A bucket that is asked for is handed over after this time at the latest, drained or not. */
  readonly drainTimeoutMs: number;
  /** How often the group's switch and people's orders are read. */
  readonly controlEveryMs: number;
  /** How long `pause`, `resume`, `redrive` and `skip` wait for those who carry them out. */
  readonly answerTimeoutMs: number;
}

export const WORKER_SETTINGS: WorkerSettings = Object.freeze({
  batchEventsMax: 4_000,
  cachedPositionsMax: 10_000,
  earlyEventsMax: 10_000,
  holeGraceMs: 200,
  attemptsMax: 5,
  retryAfterMs: 100,
  outageRetryMaxMs: 5_000,
  heartbeatMs: 3_000,
  instanceTimeoutMs: 10_000,
  ownDeadlineMs: 8_000,
  coordinateEveryMs: 500,
  freeGraceMs: 3_000,
  drainTimeoutMs: 5_000,
  controlEveryMs: 250,
  answerTimeoutMs: 15_000,
});

/** The defaults with `changes` over them. Throws a `RangeError` that names the setting when a bound or a relation is broken. */
export function workerSettings(changes: Partial<WorkerSettings> = {}): WorkerSettings {
  const settings = { ...WORKER_SETTINGS, ...changes };
  for (const [name, value] of Object.entries(settings)) {
    if (!Number.isSafeInteger(value) || value < 1)
      throw new RangeError(`${name} is ${value}: expected an integer from 1`);
  }
  if (settings.ownDeadlineMs >= settings.instanceTimeoutMs) {
    throw new RangeError(
      `ownDeadlineMs (${settings.ownDeadlineMs}) must be less than instanceTimeoutMs (${settings.instanceTimeoutMs}): ` +
        'an instance stops before others take it for dead',
    );
  }
  if (settings.heartbeatMs * 2 > settings.ownDeadlineMs) {
    throw new RangeError(
      `ownDeadlineMs (${settings.ownDeadlineMs}) must be at least twice heartbeatMs (${settings.heartbeatMs})`,
    );
  }
  return Object.freeze(settings);
}
