import type { TrialCluster } from '@chronicle/tool-system';

/** The cluster that this run of Jest has, as its set-up names it to the specs; undefined when there is none to be had. */
export function clusterOf(environment: NodeJS.ProcessEnv): TrialCluster | undefined {
  const engine = environment['CHRONICLE_SCYLLA'] ? 'scylla' : 'cassandra';
  const addresses = environment['CHRONICLE_SCYLLA'] || environment['CHRONICLE_CASSANDRA'];
  if (!addresses) return undefined;
  return {
    engine,
    contactPoints: addresses.split(','),
    writeDatacenter: environment['CHRONICLE_LOCAL_DATA_CENTER']!,
  };
}
