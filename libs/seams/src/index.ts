export { timestampText } from './clock.js';
export type { Clock } from './clock.js';
export type { Entropy } from './entropy.js';
export { FAILPOINTS, FailpointError, armFailpoints, failpoint, failpointSync } from './system-failpoint.js';
export type { Failpoint } from './system-failpoint.js';
export { systemClock } from './system-clock.js';
export { systemEntropy } from './system-entropy.js';
export { UUID_PATTERN, isUuid, uuidBytes, uuidFromBytes, uuidV7 } from './uuid.js';
