import preset from '../../jest.preset.mjs';

export default {
  ...preset,
  displayName: 'tool-cli',
  testTimeout: 120_000,
  globalSetup: '../servers/dist/jest-global-setup.js',
  globalTeardown: '../servers/dist/jest-global-teardown.js',
  globals: { servers: ['cassandra'] },
};
