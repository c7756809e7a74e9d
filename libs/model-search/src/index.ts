export { explore } from './explore.js';
export type { Findings, Model, Move, SearchBounds } from './explore.js';
