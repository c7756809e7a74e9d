import { fileURLToPath } from 'node:url';
import type { AppDefinition } from '@chronicle/tool-system';

/** The floor as one more app of a system. A process runs built JavaScript, whether this file does (`dist`) or not (`src`, under Jest). */
export const EMPTY_ROUTE: AppDefinition = {
  name: 'empty-route',
  portOffset: 20,
  entry: fileURLToPath(new URL('../dist/empty-route/main.js', import.meta.url)),
};
