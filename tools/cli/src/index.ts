// What other tools check a system with: the same functions that `verify` and `audit` of the CLI run.
export { withCheckedSystem } from './open-parts.js';
export type { SystemLocation } from './system-location.js';
export { auditChains } from './verification/audit-chains.js';
export type { AuditResult, BrokenChain } from './verification/audit-chains.js';
export type { CheckedReadModel, CheckedSystem, CheckedTopic, GroupProgress } from './verification/checked-system.js';
export type { Difference, FieldDifference } from './verification/difference.js';
export { GRACE_MS, verifySystem } from './verification/verify-system.js';
export type { PartResult, VerifyOptions, VerifyResult } from './verification/verify-system.js';
