/** What `GET /admin/status` answers. */
export interface GroupStatus {
  readonly group: string;
  readonly paused: boolean;
  /** The buckets of the replica that answers. */
  readonly buckets: readonly number[];
  /** Committed events that the group has not handled; ms is the age of the oldest, 0 when there is none. */
  readonly lag: { readonly events: number; readonly ms: number };
  readonly parked: number;
  /** The newest checkpoint of each bucket, by bucket number: how far the group has come in the log. */
  readonly checkpoint: Readonly<Record<string, string>>;
}
