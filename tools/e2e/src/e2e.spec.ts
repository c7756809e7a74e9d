import { jest } from '@jest/globals';
import { admin } from './chapters/admin.js';
import { audit } from './chapters/audit.js';
import { correlation } from './chapters/correlation.js';
import { creating } from './chapters/creating.js';
import { edge } from './chapters/edge.js';
import { identity } from './chapters/identity.js';
import { lifeCycle } from './chapters/life-cycle.js';
import { lists } from './chapters/lists.js';
import { openApi } from './chapters/openapi.js';
import { operations } from './chapters/operations.js';
import { parking } from './chapters/parking.js';
import { preconditions } from './chapters/preconditions.js';
import { processLife } from './chapters/process-life.js';
import { reading } from './chapters/reading.js';
import { repeats } from './chapters/repeats.js';
import { timeTravel } from './chapters/time-travel.js';
import { topic } from './chapters/topic.js';
import { startShared, stopShared } from './system-under-test.js';

jest.setTimeout(60_000);

/** The HTTP contract, chapter by chapter, against one system of real processes. */
describe('the order system', () => {
  beforeAll(startShared);
  afterAll(stopShared);

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
  openApi();
});
