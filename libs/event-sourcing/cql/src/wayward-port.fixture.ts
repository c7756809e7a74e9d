import { CqlPort, type BoundStatement, type CqlValue, type ReadOptions, type Statement } from '@chronicle/cql';
import { systemClock, type Clock } from '@chronicle/seams';

/** What happens instead of a request; `send` carries it out. */
export type Misfortune = <Result>(send: () => Promise<Result>) => Promise<Result>;

/** A port whose requests meet with what a test has planned for them, by the name of their (first) statement. */
export class WaywardPort extends CqlPort {
  readonly #port: CqlPort;
  readonly #planned = new Map<string, { readonly misfortune: Misfortune; times: number }>();
  /** Names of the statements of every request, in the order they came. */
  readonly requests: string[] = [];
  /** For the process behind this port: when it is halted, it does not wake either, and leaves no timer behind. */
  readonly clock: Clock = { ...systemClock, sleep: (ms, signal) => this.#sleep(ms, signal) };
  readonly #death = new AbortController();

  constructor(port: CqlPort) {
    super();
    this.#port = port;
  }

  /** Lets `misfortune` befall the next `times` requests of this name. */
  plan(name: string, misfortune: Misfortune, times = 1): void {
    this.#planned.set(name, { misfortune, times });
  }

  /** From now on nothing is answered and nothing sent, as when the process has been killed. */
  halt(): void {
    this.#death.abort();
  }

  get #halted(): boolean {
    return this.#death.signal.aborted;
  }

  async #sleep(ms: number, signal?: AbortSignal): Promise<void> {
    await systemClock.sleep(ms, AbortSignal.any([this.#death.signal, ...(signal ? [signal] : [])]));
    if (this.#halted) await never();
  }

  override read(statement: Statement, values: readonly CqlValue[], options?: ReadOptions) {
    return this.#request(statement, () => this.#port.read(statement, values, options));
  }

  override write(statement: Statement, values: readonly CqlValue[]) {
    return this.#request(statement, () => this.#port.write(statement, values));
  }

  override writeTogether(writes: readonly BoundStatement[]) {
    return this.#request(writes[0]!.statement, () => this.#port.writeTogether(writes));
  }

  override writeIf(writes: readonly BoundStatement[]) {
    return this.#request(writes[0]!.statement, () => this.#port.writeIf(writes));
  }

  override async close(): Promise<void> {}

  async #request<Result>({ name }: Statement, send: () => Promise<Result>): Promise<Result> {
    if (this.#halted) return never();
    this.requests.push(name);
    const planned = this.#planned.get(name);
    const unlucky = planned !== undefined && planned.times > 0;
    if (unlucky) planned.times -= 1;
    const result = await (unlucky ? planned.misfortune(send) : send());
    return this.#halted ? never() : result;
  }
}

function never<Result>(): Promise<Result> {
  return new Promise(() => undefined);
}

/** Something that a test lets happen when it is time. */
export function gate(): { readonly opened: Promise<void>; open(): void } {
  let open = (): void => undefined;
  const opened = new Promise<void>((resolve) => (open = resolve));
  return { opened, open };
}
