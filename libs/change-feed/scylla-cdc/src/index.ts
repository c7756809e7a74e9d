export { CdcReader } from './cdc-reader.js';
export type { BucketStatus, NextOptions, ReaderStatus } from './cdc-reader.js';
export type { LogStart } from './bucket-reading.js';
export type { CdcReaderOptions, CdcReaderSettings } from './options.js';
export type { LogGroup, LogSlice } from './log-slice.js';
export type {
  Change,
  CollectionChange,
  DeleteCause,
  Imaged,
  LogValues,
  LoneImage,
  PartitionDelete,
  RangeBound,
  RangeDelete,
  RowDelete,
  RowWrite,
} from './log-change.js';
export { checkpointAt, timeOfCheckpoint } from './checkpoint.js';
export type { Checkpoint } from './checkpoint.js';
export { metadataTablesIn, SCYLLA_METADATA_TABLES } from './metadata-tables.js';
export type { MetadataTables, TableName } from './metadata-tables.js';
export type { KeyColumn, PrimaryKey } from './partition-key.js';
export { bucketOfKey, KEY_TYPES } from './partition-key.js';
export { driverSession } from './driver-session.js';
export type {
  CdcConsistency,
  CdcPage,
  CdcReadOptions,
  CdcRow,
  CdcSession,
  CdcStatement,
  CdcValue,
} from './cdc-session.js';
export type { CdcClock } from './cdc-clock.js';
export type { CdcObserver, PassKind, PassReport } from './cdc-observer.js';
export {
  BrokenLogGroupError,
  CheckpointInvalidError,
  GenerationUnreadableError,
  LogExpiredError,
  LogRefusedError,
  LogRowUnreadableError,
  LogUnavailableError,
  ReaderOptionsError,
} from './errors.js';
export type { GroupDefect } from './errors.js';
export { compareTimeUuids, microsOf } from './cdc-time.js';
export type { Micros } from './cdc-time.js';
export { murmur3Token } from './murmur3.js';
export { streamId, streamToken } from './stream-id.js';
export type { StreamIdParts } from './stream-id.js';
export { TOKEN_MAX, TOKEN_MIN } from './token-ring.js';
