import { checkLock } from './check-lock.js';

const asking = { optionalDependencies: { 'tool-linux': '1.0.0' } };

describe('the lock check', () => {
  it('given an optional package at the root, finds nothing', () => {
    expect(checkLock({ packages: { 'node_modules/tool': asking, 'node_modules/tool-linux': {} } })).toEqual([]);
  });

  it('given an optional package beside one of the packages above, finds nothing', () => {
    const packages = {
      'node_modules/host/node_modules/tool': asking,
      'node_modules/host/node_modules/tool-linux': {},
    };
    expect(checkLock({ packages })).toEqual([]);
  });

  it('given an optional package that only a stranger holds, names it and who asks', () => {
    const packages = { 'node_modules/tool': asking, 'node_modules/host/node_modules/tool-linux': {} };
    expect(checkLock({ packages })).toEqual([
      'package-lock.json: node_modules/tool asks for tool-linux, which is not locked; pin another version',
    ]);
  });

  it('given a root that asks for what is not locked, names the root', () => {
    expect(checkLock({ packages: { '': asking } })).toEqual([
      'package-lock.json: the root asks for tool-linux, which is not locked; pin another version',
    ]);
  });
});
