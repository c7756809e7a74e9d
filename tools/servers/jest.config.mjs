import preset from '../../jest.preset.mjs';

/** Real servers start in these specs: Cassandra needs 6 s on an idle machine, and the machine may not be idle. */
export default {
  ...preset,
  displayName: 'tool-servers',
  testTimeout: 240_000,
  testPathIgnorePatterns: ['\\.long\\.spec\\.ts$'],
};
