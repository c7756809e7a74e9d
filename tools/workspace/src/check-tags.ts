/** The closed list of scopes: a context, or the platform under all contexts. */
export const SCOPES = ['ordering', 'platform'] as const;

/** The closed list of types: the layer a project belongs to. */
export const TYPES = [
  'adapter',
  'app',
  'application',
  'composition',
  'contract',
  'domain',
  'driver',
  'host',
  'http',
  'port',
  'testing',
  'tool',
] as const;

/** A project as its package.json describes it. */
export interface TaggedProject {
  readonly name: string;
  readonly tags: readonly string[];
}

/** The rules of boundaries.mjs: the importing tag, without its prefix, and the tags it may import. */
export interface Boundaries {
  readonly types: Readonly<Record<string, readonly string[]>>;
  readonly scopes: Readonly<Record<string, readonly string[]>>;
}

/**
 * Says what is wrong with the tags, one sentence per finding, nothing when all is well.
 * The boundary rule of Nx cannot find these: it lets a project with a missing or misspelt tag import anything.
 */
export function checkTags(projects: readonly TaggedProject[], boundaries: Boundaries): string[] {
  return [
    ...projects.flatMap((project) => checkProject(project)),
    ...checkRules('type', boundaries.types, TYPES),
    ...checkRules('scope', boundaries.scopes, SCOPES),
  ];
}

function checkProject({ name, tags }: TaggedProject): string[] {
  const stray = tags.filter((tag) => !tag.startsWith('scope:') && !tag.startsWith('type:'));
  return [
    ...oneOf(name, tags, 'scope', SCOPES),
    ...oneOf(name, tags, 'type', TYPES),
    ...stray.map((tag) => `${name}: tag ${tag} is neither a scope nor a type; remove it`),
  ];
}

function oneOf(name: string, tags: readonly string[], kind: string, known: readonly string[]): string[] {
  const found = tags.filter((tag) => tag.startsWith(`${kind}:`)).map((tag) => tag.slice(kind.length + 1));
  const [only] = found;
  if (only === undefined || found.length > 1) {
    return [`${name}: found ${found.length} tags ${kind}:…, expected exactly one of ${known.join(', ')}`];
  }
  return known.includes(only) ? [] : [`${name}: ${kind}:${only} is unknown; expected one of ${known.join(', ')}`];
}

function checkRules(
  kind: string,
  rules: Readonly<Record<string, readonly string[]>>,
  known: readonly string[],
): string[] {
  const mentioned = [...Object.keys(rules), ...Object.values(rules).flat()];
  const unknown = [...new Set(mentioned)].filter((tag) => !known.includes(tag));
  const ruleless = known.filter((tag) => !Object.hasOwn(rules, tag));
  return [
    ...unknown.map((tag) => `boundaries.mjs: ${kind}:${tag} is unknown; expected one of ${known.join(', ')}`),
    ...ruleless.map((tag) => `boundaries.mjs: ${kind}:${tag} has no rule; say what it may import`),
  ];
}
