import preset from '../../jest.preset.mjs';

export default {
  ...preset,
  displayName: 'tool-e2e',
  globalSetup: '../servers/dist/jest-global-setup.js',
  globalTeardown: '../servers/dist/jest-global-teardown.js',
  globals: { servers: ['cassandra'] },
};
