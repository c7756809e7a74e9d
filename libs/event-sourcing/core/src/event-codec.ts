import type { DomainEvent, Recorded } from './aggregate.js';
import type { StoredEvent } from './stored-event.js';

/** One schema version of one event type: its published JSON Schema, and the check made from it. */
export interface EventSchema {
  readonly schema: object;
  /** What is wrong with `data`, as texts for people; empty when it is valid. */
  violations(data: unknown): readonly string[];
}

/** One event type through time: every version ever released, and the steps that bring an old payload to today's. */
export interface EventContract {
  readonly currentVersion: number;
  readonly versions: { readonly [version: number]: EventSchema };
  /** From version n to n + 1; pure; never touches what is stored. */
  readonly upcasters: { readonly [fromVersion: number]: (data: never) => unknown };
}

/** The contracts of an aggregate's events, by event type. */
export type EventContracts = { readonly [eventType: string]: EventContract };

/** Between a domain event and its stored form. */
export interface EventCodec<Event extends DomainEvent> {
  /** The stored form in the current version. Throws {@link InvalidEventError} when the data breaks its schema: a bug of the writer. */
  encode(event: Event): Pick<StoredEvent, 'eventType' | 'eventVersion' | 'eventData'>;
  /**
   * The event in today's version. Throws {@link UnknownEventError} for a type or version this build does not know (a newer
   * one will: wait, never skip), {@link InvalidEventError} when the stored data breaks its own schema.
   */
  decode(stored: StoredEvent): Recorded<Event>;
}

/** The event's type or version is unknown to this build. */
export class UnknownEventError extends Error {
  readonly code = 'unknown-event';
  readonly retryable = false;
  constructor(readonly event: EventName) {
    super(`${describe(event)} is not known to this build: deploy one that knows it, then redrive`);
    this.name = 'UnknownEventError';
  }
}

/** The event's data is not what its schema says. */
export class InvalidEventError extends Error {
  readonly code = 'invalid-event';
  readonly retryable = false;
  constructor(
    readonly event: EventName,
    readonly violations: readonly string[],
  ) {
    super(`${describe(event)} does not fit its schema: ${violations.slice(0, 5).join('; ')}`);
    this.name = 'InvalidEventError';
  }
}

interface EventName {
  readonly eventType: string;
  readonly eventVersion: number;
  readonly aggregateId?: string;
  readonly sequenceNumber?: number;
}

/** The codec of one aggregate's contracts. Throws when a contract lacks a version or a step of its chain. */
export function createEventCodec<Event extends DomainEvent>(contracts: EventContracts): EventCodec<Event> {
  for (const [type, contract] of Object.entries(contracts)) assertComplete(type, contract);
  const contractOf = (type: string) => (Object.hasOwn(contracts, type) ? contracts[type] : undefined);
  return {
    encode(event) {
      const contract = contractOf(event.type);
      const name = { eventType: event.type, eventVersion: contract?.currentVersion ?? 0 };
      if (!contract) throw new UnknownEventError(name);
      const violations = contract.versions[contract.currentVersion]!.violations(event.data);
      if (violations.length > 0) throw new InvalidEventError(name, violations);
      return { ...name, eventData: JSON.stringify(event.data) };
    },
    decode(stored) {
      const contract = contractOf(stored.eventType);
      const version = contract?.versions[stored.eventVersion];
      if (!contract || !version) throw new UnknownEventError(stored);
      const data = upcast(contract, stored, parse(stored), version);
      const { aggregateId, sequenceNumber, timestamp } = stored;
      return { type: stored.eventType, data, aggregateId, sequenceNumber, timestamp } as Recorded<Event>;
    },
  };
}

function upcast(contract: EventContract, stored: StoredEvent, data: unknown, version: EventSchema): unknown {
  const violations = version.violations(data);
  if (violations.length > 0) throw new InvalidEventError(stored, violations);
  let upcasted = data;
  for (let from = stored.eventVersion; from < contract.currentVersion; from += 1) {
    upcasted = contract.upcasters[from]!(upcasted as never);
  }
  return upcasted;
}

function parse(stored: StoredEvent): unknown {
  try {
    return JSON.parse(stored.eventData);
  } catch {
    throw new InvalidEventError(stored, ['its stored text is not JSON']);
  }
}

function assertComplete(type: string, contract: EventContract): void {
  for (let version = 1; version <= contract.currentVersion; version += 1) {
    if (!contract.versions[version]) throw new Error(`contract of ${type}: version ${version} has no schema`);
    if (version < contract.currentVersion && !contract.upcasters[version]) {
      throw new Error(`contract of ${type}: no upcaster from version ${version} to ${version + 1}`);
    }
  }
}

function describe(event: EventName): string {
  const place = event.aggregateId ? ` (aggregate ${event.aggregateId}, sequence ${event.sequenceNumber})` : '';
  return `event ${event.eventType} version ${event.eventVersion}${place}`;
}
