import { jest } from '@jest/globals';
import { contract } from './chapters/contract.js';
import { APPS_AND_A_REPLICA, START_TIMEOUT_MS, startShared, stopShared } from './system-under-test.js';

jest.setTimeout(180_000);

describe('the order system on the embedded engine', () => {
  beforeAll(() => startShared({ apps: APPS_AND_A_REPLICA }), START_TIMEOUT_MS);
  afterAll(stopShared);
  contract();
});
