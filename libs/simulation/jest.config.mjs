import preset from '../../jest.preset.mjs';

export default {
  ...preset,
  displayName: 'simulation',
  testTimeout: 600_000,
  globalSetup: '../../tools/servers/dist/jest-global-setup.js',
  globalTeardown: '../../tools/servers/dist/jest-global-teardown.js',
  globals: { servers: ['cassandra'] },
};
