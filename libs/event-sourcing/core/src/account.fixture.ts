import { ManualClock, seededEntropy, uuidV7 } from '@chronicle/seams';
import type { Aggregate, Decision } from './aggregate.js';
import type { CommandRequest } from './command-request.js';
import { CommandExecutor, type CommandExecutorOptions } from './command-executor.js';
import { createEventCodec, type EventSchema } from './event-codec.js';
import { InMemoryEventStore } from './in-memory-event-store.js';
import { InMemorySnapshotStore } from './in-memory-snapshot-store.js';

/** An aggregate small enough to see through, for the specs of this library. */
export interface Account {
  readonly owner: string;
  readonly currency: string;
  readonly balance: number;
  readonly version: number;
}

export type AccountCommand =
  | { readonly type: 'Open'; readonly owner: string }
  | { readonly type: 'Deposit'; readonly amounts: readonly number[] }
  | { readonly type: 'Withdraw'; readonly amount: number };

export type AccountEvent =
  | { readonly type: 'AccountOpened'; readonly data: { readonly owner: string; readonly currency: string } }
  | { readonly type: 'Deposited'; readonly data: { readonly amount: number } }
  | { readonly type: 'Withdrawn'; readonly data: { readonly amount: number } };

export type AccountRefusal = 'already-open' | 'no-such-account' | 'overdrawn';

export const account: Aggregate<Account, AccountCommand, AccountEvent, AccountRefusal> = {
  aggregateType: 'Account',
  snapshotVersion: 2,
  first(event) {
    if (event.type !== 'AccountOpened') throw new Error(`an account does not begin with ${event.type}`);
    return { ...event.data, balance: 0, version: event.sequenceNumber };
  },
  apply(state, event) {
    const version = event.sequenceNumber;
    if (event.type === 'Deposited') return { ...state, balance: state.balance + event.data.amount, version };
    if (event.type === 'Withdrawn') return { ...state, balance: state.balance - event.data.amount, version };
    throw new Error('an account is opened once');
  },
  handle: decide,
  isState: (value): value is Account => typeof value === 'object' && value !== null && 'balance' in value,
};

function decide(state: Account | undefined, command: AccountCommand): Decision<AccountEvent, AccountRefusal> {
  if (command.type === 'Open') {
    if (state) return { outcome: 'refused', refusal: 'already-open' };
    return {
      outcome: 'accepted',
      events: [{ type: 'AccountOpened', data: { owner: command.owner, currency: 'EUR' } }],
    };
  }
  if (!state) return { outcome: 'refused', refusal: 'no-such-account' };
  if (command.type === 'Deposit') {
    return { outcome: 'accepted', events: command.amounts.map((amount) => ({ type: 'Deposited', data: { amount } })) };
  }
  if (command.amount > state.balance) return { outcome: 'refused', refusal: 'overdrawn' };
  return { outcome: 'accepted', events: [{ type: 'Withdrawn', data: { amount: command.amount } }] };
}

const fields = (...names: readonly string[]): EventSchema => ({
  schema: { type: 'object', required: names },
  violations: (data) =>
    names.filter((name) => !Object.hasOwn(data as object, name)).map((name) => `/${name} must be there`),
});

/** Version 1 of AccountOpened knew one currency only. */
export const accountContracts = {
  AccountOpened: {
    currentVersion: 2,
    versions: { 1: fields('owner'), 2: fields('owner', 'currency') },
    upcasters: { 1: (data: object) => ({ ...data, currency: 'EUR' }) },
  },
  Deposited: { currentVersion: 1, versions: { 1: fields('amount') }, upcasters: {} },
  Withdrawn: { currentVersion: 1, versions: { 1: fields('amount') }, upcasters: {} },
};

export const accountCodec = createEventCodec<AccountEvent>(accountContracts);

type Options = CommandExecutorOptions<Account, AccountCommand, AccountEvent, AccountRefusal>;
type Request = CommandRequest<Account, AccountCommand>;

/** One account, a store that knows nothing of it yet, and all that commands need on the way. */
export class AccountTest {
  readonly clock = new ManualClock();
  /** Without jitter: a command that met a conflict tries again at once. */
  readonly entropy = { ...seededEntropy(7), fraction: () => 0 };
  readonly store = new InMemoryEventStore(this.clock);
  readonly snapshots = new InMemorySnapshotStore();
  readonly accountId = this.id();
  readonly snapshotFailures: unknown[] = [];

  id(): string {
    return uuidV7(this.clock, this.entropy);
  }

  executor(options: Partial<Options> = {}): CommandExecutor<Account, AccountCommand, AccountEvent, AccountRefusal> {
    const onSnapshotFailure = (error: unknown) => this.snapshotFailures.push(error);
    const { clock, entropy, store, snapshots } = this;
    const defaults = { aggregate: account, codec: accountCodec, clock, entropy, store, snapshots, onSnapshotFailure };
    return new CommandExecutor({ ...defaults, ...options });
  }

  request(command: AccountCommand, request: Partial<Request> = {}): Request {
    const commandId = this.id();
    return {
      aggregateId: this.accountId,
      command,
      commandId,
      idempotency: { key: `key of ${commandId}`, bodyHash: JSON.stringify(command) },
      correlationId: this.id(),
      userId: null,
      metadata: { commandId },
      ...request,
    };
  }

  open(request: Partial<Request> = {}): Request {
    return this.request({ type: 'Open', owner: 'ada' }, request);
  }

  deposit(amount: number, request: Partial<Request> = {}): Request {
    return this.request({ type: 'Deposit', amounts: [amount] }, request);
  }

  withdraw(amount: number, request: Partial<Request> = {}): Request {
    return this.request({ type: 'Withdraw', amount }, request);
  }

  async events() {
    const events = [];
    for await (const page of this.store.load(this.accountId)) events.push(...page);
    return events;
  }
}

/** Something that a test lets happen when it is time. */
export function gate(): { readonly opened: Promise<void>; open(): void } {
  let open = (): void => undefined;
  const opened = new Promise<void>((resolve) => (open = resolve));
  return { opened, open };
}
