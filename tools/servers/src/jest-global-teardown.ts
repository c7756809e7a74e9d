/** Jest's `globalTeardown`, the other half of jest-global-setup. */
export { tearDown as default } from './jest-global-setup.js';
