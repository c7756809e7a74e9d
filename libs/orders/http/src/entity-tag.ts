const OPAQUE_TAG = /"[^"]*"/g;

/** The entity tag of an order at `version`: it changes with every event and with nothing else. */
export function entityTag(version: number): string {
  return `"${version}"`;
}

/** Does `ifNoneMatch` (RFC 9110, 13.1.2: `*`, or a list of tags that are compared weakly) name the entity that has `tag`? */
export function hasEntity(ifNoneMatch: string | undefined, tag: string): boolean {
  if (ifNoneMatch === undefined) return false;
  if (ifNoneMatch.trim() === '*') return true;
  return [...ifNoneMatch.matchAll(OPAQUE_TAG)].some(([each]) => each === tag);
}
