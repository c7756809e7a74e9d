import { readAll, type CdcRow, type CdcSession } from './cdc-session.js';

/** The shape of a port that somebody else has: texts, numbers, bytes and collections, options of its own. */
type PortValue =
  string | number | bigint | boolean | Uint8Array | ReadonlySet<string> | readonly PortValue[] | null | undefined;
abstract class SomePort {
  abstract read(
    statement: { readonly name: string; readonly cql: string },
    values: readonly PortValue[],
    options?: { readonly pageState?: string; readonly rowsMax?: number; readonly host?: string },
  ): Promise<{
    readonly rows: readonly { readonly [column: string]: PortValue }[];
    readonly pageState: string | undefined;
  }>;
}

const statement = { name: 'cdc.vnode-streams', cql: 'SELECT' };

describe('sessions', () => {
  it('may be a port of that shape, as it is', async () => {
    class Port extends SomePort {
      readonly rows = [{ n: 1 }, { n: 2 }];
      async read(
        _: { readonly name: string },
        __: readonly PortValue[],
        { pageState = '0' }: { readonly pageState?: string } = {},
      ) {
        const at = Number(pageState);
        return { rows: this.rows.slice(at, at + 1), pageState: at + 1 < this.rows.length ? String(at + 1) : undefined };
      }
    }
    const port: SomePort = new Port();
    const session: CdcSession = port;
    expect(await readAll(session, statement, [])).toEqual([{ n: 1 }, { n: 2 }]);
  });

  it('trap 7.13: are read through short and empty pages to the end', async () => {
    const pages: Record<string, { rows: CdcRow[]; pageState: string | undefined }> = {
      first: { rows: [], pageState: 'second' },
      second: { rows: [{ n: 1 }], pageState: 'third' },
      third: { rows: [], pageState: undefined },
    };
    const session: CdcSession = {
      read: async (_, __, { pageState = 'first' } = {}) => pages[pageState] ?? { rows: [], pageState: undefined },
    };
    expect(await readAll(session, statement, [])).toEqual([{ n: 1 }]);
  });

  it('that never end are given up', async () => {
    const session: CdcSession = { read: async () => ({ rows: [], pageState: 'more' }) };
    await expect(readAll(session, statement, [])).rejects.toThrow('cdc.vnode-streams found more than 1000 pages');
  });
});
