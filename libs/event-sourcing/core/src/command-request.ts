/** A command on its way to an aggregate, with everything its events will say of who, why and in which flow. */
export interface CommandRequest<State, Command> {
  readonly aggregateId: string;
  readonly command: Command;
  /** True: the id was made for this command, so that nothing can be there yet. It is decided without a look; the append tells. */
  readonly isNew?: boolean;
  /** Answers the client, and becomes the causation of the events unless `causationId` is given. */
  readonly commandId: string;
  /** What a repeat is recognised by: the scoped key, and the digest of the command's body. */
  readonly idempotency: { readonly key: string; readonly bodyHash: string };
  /** The stream version the client requires (`If-Match`); absent: decide against the newest and retry on conflict. */
  readonly expectedVersion?: number;
  /** Is this existing aggregate visible to the issuer? If not, it is answered as if it did not exist. */
  readonly visible?: (state: State) => boolean;
  readonly correlationId: string;
  readonly causationId?: string;
  readonly userId: string | null;
  readonly metadata: Readonly<Record<string, string>>;
}

/** What became of a command. Only `accepted` changed anything; `unknown` may have, and a repeat with the same key tells. */
export type CommandOutcome<Refusal> =
  | { readonly outcome: 'accepted'; readonly version: number; readonly replayed: boolean }
  | { readonly outcome: 'refused'; readonly refusal: Refusal }
  | { readonly outcome: 'not-found' }
  | { readonly outcome: 'key-reused' }
  | { readonly outcome: 'version-mismatch'; readonly expectedVersion: number; readonly actualVersion: number }
  | { readonly outcome: 'contended'; readonly attempts: number }
  | { readonly outcome: 'unknown'; readonly cause: unknown };
