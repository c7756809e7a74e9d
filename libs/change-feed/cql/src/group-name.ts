/** Whose rows: a consumer group works through the log once for each of its projection versions. */
export interface CqlGroup {
  readonly group: string;
  /** The projection version; other versions of the group share the tables and no row. */
  readonly version: number;
}

/** The `consumer_group` of the tables that have no column for the version. */
export function groupName({ group, version }: CqlGroup): string {
  return `${group}.${version}`;
}
