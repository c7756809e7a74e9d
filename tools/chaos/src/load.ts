import { systemClock } from '@chronicle/seams';
import { HttpClient, OrderClient } from '@chronicle/tool-system';
import type { CommandHeaders, CommandResult } from '@chronicle/tool-system';
import { ClientJournal } from './client-journal.js';
import type { Attempt, SentCommand } from './client-journal.js';
import { Dice } from './dice.js';
import { KnownOrders } from './known-orders.js';

/** How a load is made. */
export interface LoadOptions {
  /** Of command-service, on loopback; clients choose among its replicas, attempt by attempt. */
  readonly urls: readonly string[];
  readonly seed: number;
  /** Commands a second of all clients together, at most; repeats come on top. */
  readonly commandsPerSecond: number;
  /** Clients, each with one command under way. */
  readonly clients: number;
}

/** How long a client waits for an answer; an impatient one hangs up on most commands that are under way. */
const PATIENCE_MS = 3000;
const IMPATIENCE_MS = 8;

const SHARES = { keyed: 0.6, ifMatch: 0.15, impatient: 0.04, repeatedThoughOk: 0.1 };
const ATTEMPTS_MAX = 20;
/** Certainly not carried out, but not decided either: worth another attempt. */
const NOT_TAKEN: readonly string[] = ['no-answer', 'store-unavailable'];
const REPEAT_AFTER_MS = { min: 50, max: 600 };

/** Clients that send commands on and on, through whatever happens to the system, and write down all that they are told. */
export class Load {
  readonly journal = new ClientJournal();
  readonly orders: KnownOrders;
  private readonly working: Promise<void>;
  private stopping = false;
  private readonly clients: Clients[] = [];
  private urls: readonly string[];

  constructor(private readonly options: LoadOptions) {
    this.urls = options.urls;
    this.orders = new KnownOrders(new Dice(options.seed, 'orders'));
    const clients = Array.from({ length: options.clients }, (_, index) =>
      this.work(new Dice(options.seed, `client ${index}`)),
    );
    this.working = Promise.all(clients).then(() => undefined);
  }

  /** From now on, clients choose among these. */
  turnTo(urls: readonly string[]): void {
    this.urls = urls;
  }

  /** Sends nothing new; resolves when every command under way has an outcome, or its client has given up. */
  async stop(): Promise<void> {
    this.stopping = true;
    await this.working;
    for (const clients of this.clients) clients.close();
  }

  private async work(dice: Dice): Promise<void> {
    const clients = new Clients();
    this.clients.push(clients);
    const paceMs = (1000 * this.options.clients) / this.options.commandsPerSecond;
    let due = systemClock.monotonic() + dice.between(0, paceMs);
    while (!this.stopping) {
      await systemClock.sleep(Math.max(0, due - systemClock.monotonic()));
      // A client that was held up does not make up for it: a system that comes back is not met by a flood.
      due = Math.max(due + paceMs, systemClock.monotonic());
      await this.carryOut(dice, clients);
    }
  }

  private async carryOut(dice: Dice, clients: Clients): Promise<void> {
    const { command, order } = this.orders.next(dice);
    const key = dice.chance(SHARES.keyed) ? dice.uuid() : null;
    const ifMatch = order && dice.chance(SHARES.ifMatch) ? order.version : null;
    const sent = this.journal.open({ causationId: dice.uuid(), command, key, ifMatch });
    for (let attempt = 1; attempt <= ATTEMPTS_MAX; attempt += 1) {
      const impatient = attempt === 1 && dice.chance(SHARES.impatient);
      const client = clients.of(this.urls.length === 1 ? this.urls[0]! : dice.oneOf(this.urls), impatient);
      const { outcome, code } = await this.send(sent, client, impatient);
      const isRefused = outcome === 'refused' && !NOT_TAKEN.includes(code ?? '');
      const isSettled = isRefused || (outcome === 'ok' && !dice.chance(SHARES.repeatedThoughOk));
      if (isSettled || sent.key === null) return;
      await systemClock.sleep(dice.between(REPEAT_AFTER_MS.min, REPEAT_AFTER_MS.max));
    }
  }

  private async send(sent: SentCommand, client: OrderClient, impatient: boolean): Promise<Attempt> {
    const attempt = await sendOnce(sent, client, { impatient });
    if (attempt.outcome === 'ok') this.orders.accepted(sent.command, sent.orderId!, attempt.version!);
    return attempt;
  }
}

/** One client's connections, opened as they are needed. */
class Clients {
  private readonly open = new Map<string, HttpClient>();

  of(url: string, impatient: boolean): OrderClient {
    const name = `${impatient ? 'impatient' : 'patient'} ${url}`;
    const http = this.open.get(name) ?? new HttpClient(url, impatient ? IMPATIENCE_MS : PATIENCE_MS);
    this.open.set(name, http);
    return new OrderClient(http);
  }

  close(): void {
    for (const http of this.open.values()) http.close();
  }
}

/** How an attempt is made, unless as usual. */
export type Circumstances = Partial<Pick<Attempt, 'atRest' | 'impatient'>>;

/** Sends a command as it was sent before, or for the first time, and writes down what came of it. */
export async function sendOnce(sent: SentCommand, client: OrderClient, how: Circumstances = {}): Promise<Attempt> {
  const { causationId, command, key, ifMatch } = sent;
  const headers: CommandHeaders = {
    causationId,
    ...(key === null ? {} : { idempotencyKey: key }),
    ...(ifMatch === null ? {} : { ifMatch }),
  };
  const sentAtMs = systemClock.monotonic();
  const result = await client.execute(command, headers);
  const tookMs = systemClock.monotonic() - sentAtMs;
  const { outcome, status, code, version } = result;
  const answer = outcome === 'ok' ? answerText(result) : null;
  const { atRest = false, impatient = false } = how;
  const attempt = { outcome, status, code, version, answer, atRest, sentAtMs, tookMs, impatient };
  sent.attempts.push(attempt);
  if (outcome === 'ok') sent.orderId = result.orderId;
  return attempt;
}

/** All of an answer that a repeat must get again. */
function answerText({ answer }: CommandResult): string {
  const { status, headers, text } = answer!;
  return JSON.stringify({
    status,
    location: headers.location ?? null,
    etag: headers.etag ?? null,
    body: JSON.parse(text),
  });
}
