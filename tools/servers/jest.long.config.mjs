import preset from '../../jest.preset.mjs';

/** The specs that take more than a minute: `nx test-long @chronicle/tool-servers`. */
export default {
  ...preset,
  displayName: 'tool-servers (long)',
  testTimeout: 600_000,
  testMatch: ['<rootDir>/src/**/*.long.spec.ts'],
};
