/**
 * Who may import whom. A project carries one scope and one type tag, and both rules must allow an import.
 * There is no rule for `*`: it would hide a project whose tags are missing or misspelt.
 */

/** `type:` of the importing project -> the types it may import. */
export const types = {
  contract: ['contract'],
  port: ['port'],
  domain: ['domain', 'contract'],
  driver: ['driver', 'port'],
  application: ['application', 'domain', 'port', 'contract'],
  adapter: ['adapter', 'port', 'driver', 'contract'],
  composition: ['port', 'adapter', 'driver', 'contract'],
  host: ['host', 'port'],
  http: ['application', 'domain', 'contract', 'port', 'host'],
  app: ['http', 'application', 'domain', 'contract', 'port', 'adapter', 'driver', 'composition', 'host'],
  tool: ['tool', 'http', 'application', 'domain', 'contract', 'port', 'adapter', 'driver', 'composition', 'host'],
  testing: ['testing', 'port'],
};

/** `scope:` of the importing project -> the scopes it may import. */
export const scopes = {
  platform: ['platform'],
  ordering: ['ordering', 'platform'],
};

/** Types whose sources may read the clock, draw ids and random numbers, and set timers themselves. */
export const typesNearTheMachine = ['driver', 'adapter', 'host', 'tool'];

/** Types whose sources may read `process.env`. */
export const typesReadingEnvironment = ['host', 'tool'];
