import { globSync } from 'node:fs';
import { dirname } from 'node:path';

/**
 * What `npm test` runs: every project in one run with one summary. Suites that run whole systems of processes want the
 * machine to themselves, so they go one after the other in a run of their own (`SUITES=system`).
 */
const SYSTEM_SUITES = ['tools/system', 'tools/servers', 'tools/e2e', 'tools/chaos', 'tools/bench'];

/** A bound for what hangs, not a measure: a busy machine may take long. Jest has it for a run only, not for a project. */
const TEST_TIMEOUT_MS = 300_000;

const suites = process.env.SUITES ?? 'unit';
const folders = globSync('{apps/*,libs/*,libs/*/*,tools/*}/jest.config.mjs').map(dirname);

/** The promise of the cores and of the domain: at least 95 % of their lines are run by their own specs. */
const covered = [
  'libs/orders/domain',
  'libs/orders/contracts',
  'libs/orders/read-models',
  'libs/event-sourcing/core',
  'libs/change-feed/core',
  'libs/projection/core',
  'libs/relay/core',
];

export default {
  testTimeout: TEST_TIMEOUT_MS,
  projects: folders.filter((folder) => SYSTEM_SUITES.includes(folder) === (suites === 'system')),
  ...(suites === 'unit' && {
    collectCoverage: true,
    coverageProvider: 'babel',
    coverageReporters: ['text-summary', 'lcovonly'],
    collectCoverageFrom: covered.flatMap((folder) => [`${folder}/src/**/*.ts`, '!**/*.spec.ts', '!**/index.ts']),
    coverageThreshold: Object.fromEntries(covered.map((folder) => [`./${folder}/src/`, { lines: 95 }])),
  }),
};
