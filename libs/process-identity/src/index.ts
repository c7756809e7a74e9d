export { identityOf, isAlive } from './process-identity.js';
export type { ProcessIdentity } from './process-identity.js';
