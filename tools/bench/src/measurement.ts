import type { Scale } from './scale.js';

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
  /** Tells whoever waits how far it is: a share from 0 to 1. */
  progress(share: number, doing: string): void;
}

/** One thing that is measured, with processes and data of its own. */
export interface Measurement {
  readonly name: string;
  readonly about: string;
  /** About how long it takes on an idle machine, for the ETA. */
  seconds(scale: Scale): number;
  run(bench: Bench): Promise<Findings>;
}

export function atLeast(what: string, wanted: number, found: number): Verdict {
  return { what, wanted: `≥ ${wanted.toLocaleString('en')}`, found, met: found >= wanted };
}

export function atMost(what: string, wanted: number, found: number): Verdict {
  return { what, wanted: `≤ ${wanted.toLocaleString('en')}`, found, met: found <= wanted };
}
