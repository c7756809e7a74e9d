import preset from '../../../jest.preset.mjs';

/** One spec reads a log that it wrote into a real Cassandra; without a server it skips itself. */
export default {
  ...preset,
  displayName: 'scylla-cdc',
  testTimeout: 60_000,
  globalSetup: '../../../tools/servers/dist/jest-global-setup.js',
  globalTeardown: '../../../tools/servers/dist/jest-global-teardown.js',
  globals: { servers: ['cassandra'] },
};
