export type { Aggregate, Decision, DomainEvent, Recorded } from './aggregate.js';
export { AggregateLanes } from './aggregate-lanes.js';
export { COMMAND_EXECUTOR_DEFAULTS, CommandExecutor } from './command-executor.js';
export type { CommandExecutorOptions, CommandExecutorSettings } from './command-executor.js';
export type { CommandOutcome, CommandRequest } from './command-request.js';
export { InvalidEventError, UnknownEventError, createEventCodec } from './event-codec.js';
export type { EventCodec, EventContract, EventContracts, EventSchema } from './event-codec.js';
export {
  APPEND_EVENTS_MAX,
  EventStore,
  PAGE_EVENTS_MAX,
  REMEMBERED_COMMANDS_MAX,
  REMEMBER_MS,
  StoreUnavailableError,
} from './event-store.js';
export type {
  Append,
  AppendOutcome,
  ExpectedVersion,
  LoadRange,
  RememberedCommand,
  ScanPage,
  StreamHead,
} from './event-store.js';
export { EMPTY_STREAM, GENESIS_HASH, eventHash, followChain, sealEvents } from './hash-chain.js';
export type { ChainBreak, StreamEnd } from './hash-chain.js';
export {
  bodyHash,
  canonicalJson,
  createdAggregateId,
  identifyCommand,
  isReceipt,
  newReceipt,
  scopedKey,
} from './idempotency.js';
export type { CommandIdentity, CommandScope } from './idempotency.js';
export { InMemoryEventStore } from './in-memory-event-store.js';
export { InMemorySnapshotStore } from './in-memory-snapshot-store.js';
export { AggregateLoader, BrokenStreamError } from './rehydrate.js';
export type { AggregateLoaderOptions, DecisionBasis, Folding, Moment, Rehydrated } from './rehydrate.js';
export { isIntact, sealSnapshot } from './snapshot-seal.js';
export { SNAPSHOTS_KEPT, SnapshotStore } from './snapshot-store.js';
export type { Snapshot } from './snapshot-store.js';
export type { EventDraft, StoredEvent } from './stored-event.js';
