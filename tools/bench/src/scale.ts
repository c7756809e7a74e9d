/** How much of everything is measured. */
export interface Scale {
  /** How often the variants of a throughput are measured in turn; the median counts. */
  readonly rounds: number;
  readonly sliceSeconds: number;
  readonly connections: readonly number[];
  readonly arrivalsPerSecond: readonly number[];
  readonly clusterArrivalsPerSecond: readonly number[];
  readonly arrivalSeconds: number;
  /** Of load that is not counted: a cluster database that was just started is busy with compiling itself. */
  readonly clusterWarmUpSeconds: number;
  /** Events of the long order, and how often it and short ones are changed in turn. */
  readonly longOrderEvents: number;
  readonly longOrderPairs: number;
  readonly rehydrations: number;
  /** Orders whose events, five each, are replayed. */
  readonly replayOrders: number;
  readonly memorySeconds: number;
  /** Appends under way at once. */
  readonly appendsInFlight: readonly number[];
  /** Of each slice of appends; a slice ends with the lives that were begun. */
  readonly appendSeconds: number;
  /** How long an idle system is watched. */
  readonly idleSeconds: number;
  /** Orders whose events, five each, a worker catches up with on a cluster. */
  readonly catchUpOrders: number;
  /** Orders that go through every status: all within an hour, and one a minute. */
  readonly statusOrders: number;
  readonly sparseStatusOrders: number;
}

/** All of it: about eight minutes on two idle cores, and half an hour on a cluster database. */
export const FULL: Scale = {
  rounds: 5,
  sliceSeconds: 2,
  connections: [1, 8, 32],
  arrivalsPerSecond: [200, 500],
  clusterArrivalsPerSecond: [100, 200],
  arrivalSeconds: 20,
  clusterWarmUpSeconds: 120,
  longOrderEvents: 10_000,
  longOrderPairs: 300,
  rehydrations: 20,
  replayOrders: 40_000,
  memorySeconds: 120,
  appendsInFlight: [32, 128],
  appendSeconds: 4,
  idleSeconds: 30,
  catchUpOrders: 20_000,
  statusOrders: 1_000_000,
  sparseStatusOrders: 3_000,
};

/** Enough to see whether a change made something much better or worse. */
export const QUICK: Scale = {
  ...FULL,
  rounds: 2,
  sliceSeconds: 1,
  arrivalSeconds: 4,
  clusterWarmUpSeconds: 20,
  longOrderPairs: 60,
  rehydrations: 5,
  replayOrders: 20_000,
  memorySeconds: 15,
  appendSeconds: 2,
  idleSeconds: 10,
  catchUpOrders: 2_000,
  statusOrders: 20_000,
};
