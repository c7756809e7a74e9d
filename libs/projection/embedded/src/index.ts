export { openEmbeddedProjectionStore } from './embedded-projection-store.js';
export { EmbeddedReadModelReader } from './embedded-read-model-reader.js';
