/** A replica of the group did not act on an order in time. The order stands: ask for the status, or repeat it. */
export class GroupNotAnsweringError extends Error {
  readonly code = 'group-not-answering';
  readonly retryable = true;
  constructor(
    readonly group: string,
    readonly order: string,
    readonly waitedMs: number,
  ) {
    super(
      `${order} of consumer group ${group} did not take effect everywhere within ${waitedMs} ms: it stands, and is carried out later`,
    );
    this.name = 'GroupNotAnsweringError';
  }
}
