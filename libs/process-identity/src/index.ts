export { identityOf, isAlive } from './process-identity.js';
export type { ProcessIdentity } from './process-identity.js';
export { hasEnded, markOf } from './process-mark.js';
export type { ProcessMark } from './process-mark.js';
