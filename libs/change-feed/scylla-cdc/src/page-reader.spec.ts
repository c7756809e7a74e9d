import { LogRefusedError, LogUnavailableError } from './errors.js';
import type { CdcPage, CdcReadOptions, CdcSession, CdcStatement } from './cdc-session.js';
import { ManualClock, settled } from './manual-clock.fixture.js';
import { readPages } from './page-reader.js';

const statement: CdcStatement = { name: 'cdc.read-log', cql: 'SELECT' };
const settings = { pageRowsMax: 10, pageRetriesMax: 2, retryDelayMs: 100, retryDelayMaxMs: 1_000 };
const query = (name: string) => ({ statement, values: [name] });

class Pages implements CdcSession {
  readonly asked: string[] = [];
  inFlight = 0;
  inFlightMax = 0;
  failures: unknown[] = [];

  constructor(private readonly pages: number) {}

  async read(_: CdcStatement, [name]: readonly unknown[], { pageState = '0' }: CdcReadOptions = {}): Promise<CdcPage> {
    this.asked.push(`${String(name)}${pageState}`);
    this.inFlight += 1;
    this.inFlightMax = Math.max(this.inFlightMax, this.inFlight);
    await Promise.resolve();
    this.inFlight -= 1;
    const failure = this.failures.shift();
    if (failure !== undefined) throw failure;
    const next = Number(pageState) + 1;
    return { rows: [{ at: `${String(name)}${pageState}` }], pageState: next < this.pages ? String(next) : undefined };
  }
}

function reading(session: CdcSession, names: readonly string[], concurrency: number, clock = new ManualClock()) {
  const closing = new AbortController();
  const retries: number[] = [];
  const observer = { pageRetried: (_: Error, attempt: number) => void retries.push(attempt) };
  const context = { session, settings, clock, observer, signal: closing.signal };
  return { pages: readPages(context, names.map(query), concurrency), clock, closing, retries };
}

async function all(pages: AsyncIterable<{ rows: readonly Record<string, unknown>[] }>): Promise<unknown[]> {
  const found: unknown[] = [];
  for await (const { rows } of pages) found.push(...rows.map(({ at }) => at));
  return found;
}

describe('pages', () => {
  it('come in the order of their query, from no more queries at a time than allowed', async () => {
    const session = new Pages(3);
    const found = await all(reading(session, ['a', 'b', 'c', 'd', 'e'], 2).pages);
    expect(found).toHaveLength(15);
    for (const name of ['a', 'b', 'c', 'd', 'e']) {
      expect(found.filter((at) => String(at).startsWith(name))).toEqual([`${name}0`, `${name}1`, `${name}2`]);
    }
    expect(session.inFlightMax).toBe(2);
  });

  it.each([
    { rows: 9, isCut: false, asked: ['first'] },
    { rows: 10, isCut: false, asked: ['first', 'paged'] },
    { rows: 4, isCut: true, asked: ['first', 'paged'] },
  ])('of a query with a limit: given $rows of 10 rows, cut $isCut, ask $asked', async ({ rows, isCut, asked }) => {
    const names: string[] = [];
    const found = Array.from({ length: rows }, (_, at) => ({ at }));
    const session: CdcSession = {
      read: async ({ cql }) => {
        names.push(cql);
        return { rows: found, pageState: cql === 'first' && isCut ? 'more' : undefined };
      },
    };
    const [first, paged] = ['first', 'paged'].map((cql) => ({ name: 'cdc.read-log', cql }));
    const { signal } = new AbortController();
    const context = { session, settings, clock: new ManualClock(), observer: {}, signal };
    const pages = readPages(context, [{ statement: paged!, first: first!, values: [] }], 1);
    expect(await all(pages)).toHaveLength(rows);
    expect(names).toEqual(asked);
  });

  it('are read one ahead and not further while nobody takes them', async () => {
    const session = new Pages(9);
    const { pages } = reading(session, ['a'], 4);
    await pages.next();
    await settled();
    await settled();
    expect(session.asked).toEqual(['a0', 'a1']);
    await pages.return();
  });

  it('are asked for again from their page state, later and later', async () => {
    const session = new Pages(2);
    const { pages, clock, retries } = reading(session, ['a'], 1);
    const found = all(pages);
    session.failures = [undefined, new Error('timed out'), new Error('timed out')];
    await settled();
    await clock.advance(99);
    expect(session.asked).toEqual(['a0', 'a1']);
    await clock.advance(1_000);
    expect(await found).toEqual(['a0', 'a1']);
    expect(session.asked).toEqual(['a0', 'a1', 'a1', 'a1']);
    expect(retries).toEqual([1, 2]);
  });

  it('fail after a bounded number of attempts, with the statement named', async () => {
    const session = new Pages(1);
    session.failures = [1, 2, 3].map((attempt) => new Error(`no answer ${attempt}`));
    const { pages, clock } = reading(session, ['a'], 1);
    const failed = expect(all(pages)).rejects.toThrow(
      new LogUnavailableError('cdc.read-log', new Error('no answer 3')),
    );
    await clock.advance(10_000);
    await failed;
  });

  it('are not asked for again when the database refuses', async () => {
    const session = new Pages(1);
    session.failures = [Object.assign(new Error('unconfigured table'), { retryable: false })];
    await expect(all(reading(session, ['a'], 1).pages)).rejects.toThrow(LogRefusedError);
    expect(session.asked).toEqual(['a0']);
  });

  it('end without an error when the reader closes', async () => {
    const session = new Pages(5);
    const { pages, closing } = reading(session, ['a'], 1);
    await pages.next();
    closing.abort();
    expect((await pages.next()).done).toBe(true);
  });
});
