import type { Row } from './projection.js';

/** What a projection's step does to its table: a row to write whole, or the key of one to delete. */
export type RowChange = { readonly kind: 'write'; readonly row: Row } | { readonly kind: 'delete'; readonly key: Row };
