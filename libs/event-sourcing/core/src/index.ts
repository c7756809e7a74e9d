export type { Aggregate, Decision, DomainEvent, Recorded } from './aggregate.js';
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
export type { Append, AppendOutcome, ExpectedVersion, LoadRange, RememberedCommand, ScanPage, StreamHead } from './event-store.js';
export { EMPTY_STREAM, GENESIS_HASH, eventHash, followChain, sealEvents } from './hash-chain.js';
export type { ChainBreak, StreamEnd } from './hash-chain.js';
export { SNAPSHOTS_KEPT, SnapshotStore } from './snapshot-store.js';
export type { Snapshot } from './snapshot-store.js';
export type { EventDraft, StoredEvent } from './stored-event.js';
