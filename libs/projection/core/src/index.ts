export { AggregateFold, foldAggregate } from './aggregate-fold.js';
export { DefinitionChangedError, definitionHash, versionedTableName } from './definition.js';
export type { ProjectionDefinition } from './definition.js';
export { FAILURE_REASON_LENGTH_MAX, projectionHandler } from './projection-handler.js';
export type { ColumnType, Projection, Row, TableDefinition } from './projection.js';
export { PAGE_ROWS_MAX, ReadModelReader } from './read-model-reader.js';
export type { PageRequest } from './read-model-reader.js';
export type { RowChange } from './row-change.js';
export { InvalidRowError, InvalidTableError, TableRules, keyColumns } from './table-rules.js';
