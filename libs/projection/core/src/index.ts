export type { ColumnType, Projection, Row, TableDefinition } from './projection.js';
export { PAGE_ROWS_MAX, ReadModelReader } from './read-model-reader.js';
export type { PageRequest } from './read-model-reader.js';
export type { RowChange } from './row-change.js';
