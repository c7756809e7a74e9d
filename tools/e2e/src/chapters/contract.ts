import { admin } from './admin.js';
import { audit } from './audit.js';
import { correlation } from './correlation.js';
import { creating } from './creating.js';
import { edge } from './edge.js';
import { identity } from './identity.js';
import { lifeCycle } from './life-cycle.js';
import { lists } from './lists.js';
import { openApi } from './openapi.js';
import { operations } from './operations.js';
import { parking } from './parking.js';
import { preconditions } from './preconditions.js';
import { processLife } from './process-life.js';
import { reading } from './reading.js';
import { repeats } from './repeats.js';
import { timeTravel } from './time-travel.js';
import { topic } from './topic.js';

/** Tells the tests of one part of the contract. */
export type Chapter = () => void;

/** The HTTP contract, chapter by chapter, and what is more on one engine. What was seen by all is checked last. */
export function contract(...ofThisEngine: readonly Chapter[]): void {
  creating();
  lifeCycle();
  preconditions();
  repeats();
  timeTravel();
  audit();
  reading();
  lists();
  edge();
  correlation();
  operations();
  topic();
  admin();
  parking();
  processLife();
  identity();
  for (const chapter of ofThisEngine) chapter();
  openApi();
}
