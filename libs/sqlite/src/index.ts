export { NetworkFileSystemError } from './network-file-system.js';
export { PAGE_BYTES_MAX, PAGE_ROWS_MAX, takePage } from './page.js';
export type { Page } from './page.js';
export { NewerSchemaError } from './schema.js';
export type { SqliteSchema } from './schema.js';
export { SqliteDatabase } from './sqlite-database.js';
export type { SqliteOptions } from './sqlite-database.js';
export { UndecidedCommitError } from './sqlite-error.js';
export { SqliteReader } from './sqlite-reader.js';
