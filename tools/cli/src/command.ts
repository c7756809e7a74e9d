import type { Clock } from '@chronicle/seams';
import type { EngineOptions } from '@chronicle/tool-system';
import type { Output } from './output.js';
import type { SystemLocation } from './system-location.js';

/** 0 agrees or done, 1 differs or not there, 2 could not be done: nothing was learnt. */
export const EXIT = { done: 0, differs: 1, couldNot: 2 } as const;
export type ExitCode = (typeof EXIT)[keyof typeof EXIT];

/** One option of a command, written `--name VALUE`; without `value` it is a switch. */
export interface CommandOption {
  readonly value?: string;
  readonly help: string;
}

/** One command of the CLI: what it is called, how it is used, what it does. */
export interface Command {
  /** `verify`, `parked redrive`. */
  readonly name: string;
  /** The ways to call it, without options that every command has: `['order ORDER_ID [--as-of TIME | --version N]']`. */
  readonly usage: readonly string[];
  /** One sentence for the list of commands. */
  readonly summary: string;
  /** What more there is to know: exit codes, what is bounded, what it needs. */
  readonly details: string;
  readonly example: string;
  /** The fewest and the most arguments. */
  readonly arguments: readonly [min: number, max: number];
  readonly options: { readonly [name: string]: CommandOption };
  run(invocation: Invocation): Promise<ExitCode>;
}

/** A command as it was called. */
export interface Invocation {
  readonly arguments: readonly string[];
  readonly options: OptionValues;
  readonly location: SystemLocation;
  /** How a keyspace that is to be made is replicated. */
  readonly replication: EngineOptions['replication'];
  readonly output: Output;
  readonly clock: Clock;
  /** Aborted by Ctrl-C: end soon, with what there is. */
  readonly signal: AbortSignal;
}

export type OptionValues = { readonly [name: string]: string | boolean | undefined };

/** The command line cannot be understood. Exit code 2. */
export class UsageError extends Error {
  readonly code = 'usage';
  constructor(message: string) {
    super(message);
    this.name = 'UsageError';
  }
}

/** What was asked about is not there. Exit code 1. */
export class NotThereError extends Error {
  readonly code = 'not-there';
  constructor(message: string) {
    super(message);
    this.name = 'NotThereError';
  }
}

/** The command could not be carried out; the message says what to do. Exit code 2. */
export class CouldNotError extends Error {
  readonly code = 'could-not';
  constructor(message: string, options?: { readonly cause?: unknown }) {
    super(message, options);
    this.name = 'CouldNotError';
  }
}
