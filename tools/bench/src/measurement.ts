import type { Cluster } from './cluster.js';
import type { Scale } from './scale.js';

/** What the measured system keeps its data in. */
export type EngineName = 'embedded' | 'cassandra';

/** A row of a table: numbers stay numbers, for whoever reads the JSON. */
export type ResultRow = Readonly<Record<string, string | number | null>>;

/** Some of what a measurement found. */
export interface ResultTable {
  readonly title: string;
  readonly rows: readonly ResultRow[];
}

/** What the project wants of a number, and whether it is so. */
export interface Verdict {
  readonly what: string;
  readonly wanted: string;
  readonly found: number;
  readonly met: boolean;
}

export interface Findings {
  readonly tables: readonly ResultTable[];
  readonly verdicts: readonly Verdict[];
}

/** What a measurement gets to work with. */
export interface Bench {
  readonly scale: Scale;
  /** An empty folder on the disk of the repository; deleted when the measurement has ended. */
  readonly folder: string;
  /** The cluster database that the system is to work on, with a keyspace of its own; undefined: the embedded engine. */
  readonly cluster: Cluster | undefined;
  /** Tells whoever waits how far it is: a share from 0 to 1. */
  progress(share: number, doing: string): void;
}

/** One thing that is measured, with processes and data of its own. */
export interface Measurement {
  readonly name: string;
  readonly about: string;
  /** What it can measure (default: the embedded engine alone). */
  readonly engines?: readonly EngineName[];
  /** About how long it takes on an idle machine, for the ETA. */
  seconds(scale: Scale, onCluster: boolean): number;
  run(bench: Bench): Promise<Findings>;
}

/** Can it be measured on this engine? */
export function isFor(engine: EngineName, { engines = ['embedded'] }: Pick<Measurement, 'engines'>): boolean {
  return engines.includes(engine);
}

export function atLeast(what: string, wanted: number, found: number): Verdict {
  return { what, wanted: `≥ ${wanted.toLocaleString('en')}`, found, met: found >= wanted };
}

export function atMost(what: string, wanted: number, found: number): Verdict {
  return { what, wanted: `≤ ${wanted.toLocaleString('en')}`, found, met: found <= wanted };
}
