import { jest } from '@jest/globals';
import { contract } from './chapters/contract.js';
import { writers } from './chapters/writers.js';
import { clusterOf } from './cluster.js';
import { APPS_AND_TWO_REPLICAS, START_TIMEOUT_MS, startShared, stopShared } from './system-under-test.js';

jest.setTimeout(180_000);

const cluster = clusterOf(process.env);

(cluster ? describe : describe.skip)(
  `the order system on ${cluster?.engine ?? 'a cluster, of which there is none'}`,
  () => {
    beforeAll(() => startShared({ cluster, apps: APPS_AND_TWO_REPLICAS }), START_TIMEOUT_MS);
    afterAll(stopShared);
    contract(writers);
  },
);
