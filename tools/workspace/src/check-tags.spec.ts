import { checkTags, SCOPES, TYPES, type Boundaries } from './check-tags.js';

const complete: Boundaries = {
  types: Object.fromEntries(TYPES.map((type) => [type, [type]])),
  scopes: Object.fromEntries(SCOPES.map((scope) => [scope, [scope]])),
};

function tagged(...tags: string[]) {
  return [{ name: '@chronicle/some', tags }];
}

describe('the tag check', () => {
  it('given one known scope and one known type, finds nothing', () => {
    expect(checkTags(tagged('scope:platform', 'type:port'), complete)).toEqual([]);
  });

  it('given no tags, names both that are missing', () => {
    expect(checkTags(tagged(), complete)).toEqual([
      expect.stringMatching(/^@chronicle\/some: found 0 tags scope:…/),
      expect.stringMatching(/^@chronicle\/some: found 0 tags type:…/),
    ]);
  });

  it('given two types, refuses them', () => {
    expect(checkTags(tagged('scope:platform', 'type:port', 'type:host'), complete)).toEqual([
      expect.stringMatching(/^@chronicle\/some: found 2 tags type:…/),
    ]);
  });

  it('given a misspelt type, names it', () => {
    expect(checkTags(tagged('scope:platform', 'type:prot'), complete)).toEqual([
      expect.stringMatching(/^@chronicle\/some: type:prot is unknown/),
    ]);
  });

  it('given a tag of another kind, refuses it', () => {
    expect(checkTags(tagged('scope:platform', 'type:port', 'port'), complete)).toEqual([
      '@chronicle/some: tag port is neither a scope nor a type; remove it',
    ]);
  });

  it('given a type without a boundary rule, names it', () => {
    const { host, ...types } = complete.types;
    expect(checkTags([], { ...complete, types })).toEqual([
      'boundaries.mjs: type:host has no rule; say what it may import',
    ]);
  });

  it('given a boundary rule that allows an unknown scope, names it', () => {
    const scopes = { ...complete.scopes, ordering: ['ordering', 'platfrom'] };
    expect(checkTags([], { ...complete, scopes })).toEqual([
      expect.stringMatching(/^boundaries\.mjs: scope:platfrom is unknown/),
    ]);
  });
});
