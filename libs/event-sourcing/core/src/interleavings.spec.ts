import fc from 'fast-check';
import { account, accountCodec, AccountTest, type Account, type AccountRefusal } from './account.fixture.js';
import type { CommandOutcome, CommandRequest } from './command-request.js';
import { StoreUnavailableError, type Append, type AppendOutcome, type LoadRange } from './event-store.js';
import { EMPTY_STREAM, followChain } from './hash-chain.js';
import { InMemoryEventStore } from './in-memory-event-store.js';
import type { AccountCommand } from './account.fixture.js';

/** What may befall an append. */
type Fate = 'well' | 'done, but unknown' | 'not done, and unknown' | 'unavailable';

/** A handle on a store whose calls take as long as the scheduler pleases, and whose appends meet their fates. */
class WaywardStore extends InMemoryEventStore {
  constructor(
    test: AccountTest,
    readonly scheduler: fc.Scheduler,
    readonly fates: Fate[],
  ) {
    super(test.clock, test.store);
  }

  override async append(append: Append): Promise<AppendOutcome> {
    const fate = this.fates.pop() ?? 'well';
    await this.scheduler.schedule(Promise.resolve(), 'append is sent');
    if (fate === 'unavailable') throw new StoreUnavailableError('away');
    const outcome = fate === 'not done, and unknown' ? undefined : await super.append(append);
    await this.scheduler.schedule(Promise.resolve(), 'append is answered');
    return outcome && fate === 'well' ? outcome : { outcome: 'unknown', cause: fate };
  }

  override async *load(aggregateId: string, range?: LoadRange) {
    await this.scheduler.schedule(Promise.resolve(), 'load');
    yield* super.load(aggregateId, range);
  }

  override async head(aggregateId: string, commandKey?: string) {
    await this.scheduler.schedule(Promise.resolve(), 'head');
    return super.head(aggregateId, commandKey);
  }
}

interface Told {
  readonly request: CommandRequest<Account, AccountCommand>;
  readonly outcome: CommandOutcome<AccountRefusal> | { readonly outcome: 'unavailable' };
  /** The stream version before the command was given, and after it was answered. */
  readonly from: number;
  readonly to: number;
}

const step = fc.record({
  amount: fc.integer({ min: -6, max: 4 }),
  /** Few keys: commands are often repeats, of their own client or of the other, or other commands under the same key. */
  key: fc.constantFrom('a', 'b', 'c', 'd', 'e', 'f', 'g', 'h'),
  expectedVersion: fc.option(fc.integer({ min: 2, max: 5 }), { nil: undefined, freq: 4 }),
});
const client = fc.record({ process: fc.nat(1), steps: fc.array(step, { maxLength: 5 }) });
const fates = fc.array(
  fc.constantFrom<Fate>('well', 'well', 'well', 'done, but unknown', 'not done, and unknown', 'unavailable'),
  { maxLength: 8 },
);

describe('two executors on one store, four clients, lost answers and failures, in any interleaving', () => {
  it('append every command at most once, tell the truth, and keep the rules of the aggregate', async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.scheduler(),
        fc.array(client, { minLength: 2, maxLength: 4 }),
        fates,
        async (scheduler, clients, unlucky) => {
          const test = new AccountTest();
          const executor = test.executor();
          await executor.execute(test.open());
          await executor.execute(test.deposit(6));
          const store = new WaywardStore(test, scheduler, unlucky);
          const processes = [test.executor({ store }), test.executor({ store })] as const;
          const told: Told[] = [];
          const version = async () => (await test.store.head(test.accountId))!.version;

          const run = async ({ process, steps }: (typeof clients)[number]) => {
            for (const { amount, key, expectedVersion } of steps) {
              const idempotency = { key, bodyHash: String(amount) };
              const given = { idempotency, ...(expectedVersion !== undefined && { expectedVersion }) };
              const request = amount < 0 ? test.withdraw(-amount, given) : test.deposit(amount, given);
              const from = await version();
              const outcome = await processes[process === 0 ? 0 : 1].execute(request).catch((error: unknown) => {
                if (error instanceof StoreUnavailableError) return { outcome: 'unavailable' } as const;
                throw error;
              });
              told.push({ request, outcome, from, to: await version() });
            }
          };
          await scheduler.waitFor(Promise.all(clients.map(run)));

          const history = await historyOf(test);
          for (const answer of told) expectTrue(answer, history);
          expectAtMostOnce(told, history);
        },
      ),
      { numRuns: 300 },
    );
  });
});

interface History {
  /** By version: the state then, and the command that led to it. */
  readonly states: readonly (Account | undefined)[];
  readonly commandIds: readonly (string | undefined)[];
}

/** The account's past, which must be a gapless chain, and never below zero. */
async function historyOf(test: AccountTest): Promise<History> {
  let end = EMPTY_STREAM;
  const states: (Account | undefined)[] = [undefined];
  const commandIds: (string | undefined)[] = [undefined];
  for (const event of await test.events()) {
    const next = followChain(end, event);
    expect(next).not.toHaveProperty('reason');
    end = next as typeof end;
    const before = states.at(-1);
    const recorded = accountCodec.decode(event);
    const state = before ? account.apply(before, recorded) : account.first(recorded);
    expect(state.balance).toBeGreaterThanOrEqual(0);
    states.push(state);
    commandIds.push(event.metadata['commandId']);
  }
  return { states, commandIds };
}

/** An answer must be true of the stream at some moment while the command was under way. */
function expectTrue({ request, outcome, from, to }: Told, { states, commandIds }: History): void {
  const meanwhile = states.slice(from, to + 1);
  const { command, commandId } = request;
  switch (outcome.outcome) {
    case 'accepted':
      if (!outcome.replayed) expect(commandIds[outcome.version]).toBe(commandId);
      if (!outcome.replayed) expect(outcome.version).toBeGreaterThan(from);
      expect(outcome.version).toBeLessThanOrEqual(to);
      return;
    case 'refused':
      expect(outcome.refusal).toBe('overdrawn');
      expect(meanwhile.some((state) => command.type === 'Withdraw' && state!.balance < command.amount)).toBe(true);
      return;
    case 'version-mismatch':
      expect(outcome.expectedVersion).toBe(request.expectedVersion);
      expect(outcome.actualVersion).not.toBe(request.expectedVersion);
      expect(meanwhile.map((state) => state!.version)).toContain(outcome.actualVersion);
      return;
    default:
      expect(['unknown', 'key-reused', 'unavailable']).toContain(outcome.outcome);
  }
}

/** One key, one event; every answer that speaks of a key's event speaks of the same, and a repeat is known as one. */
function expectAtMostOnce(told: readonly Told[], { commandIds }: History): void {
  const keyOf = new Map(told.map(({ request }) => [request.commandId, request.idempotency] as const));
  const appended = commandIds.flatMap((id, version) => (keyOf.has(id!) ? [{ ...keyOf.get(id!)!, version }] : []));
  expect(new Set(appended.map(({ key }) => key)).size).toBe(appended.length);
  for (const { request, outcome, from } of told) {
    const event = appended.find(({ key }) => key === request.idempotency.key);
    if (outcome.outcome === 'accepted') expect(event).toEqual({ ...request.idempotency, version: outcome.version });
    if (event && event.version <= from)
      expect(['accepted', 'key-reused', 'unknown', 'unavailable']).toContain(outcome.outcome);
    if (outcome.outcome === 'key-reused') expect(event?.bodyHash).not.toBe(request.idempotency.bodyHash);
  }
}
