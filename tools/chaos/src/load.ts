import { systemClock } from '@chronicle/seams';
import { HttpClient, OrderClient } from '@chronicle/tool-system';
import type { CommandHeaders, CommandResult } from '@chronicle/tool-system';
import { ClientJournal } from './client-journal.js';
import type { Attempt, SentCommand } from './client-journal.js';
import { Dice } from './dice.js';
import { KnownOrders } from './known-orders.js';

/** How a load is made. */
export interface LoadOptions {
  /** Of command-service; on loopback. */
  readonly url: string;
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
  private readonly open: HttpClient[] = [];

  constructor(private readonly options: LoadOptions) {
    this.orders = new KnownOrders(new Dice(options.seed, 'orders'));
    const clients = Array.from({ length: options.clients }, (_, index) =>
      this.work(new Dice(options.seed, `client ${index}`)),
    );
    this.working = Promise.all(clients).then(() => undefined);
  }

  /** Sends nothing new; resolves when every command under way has an outcome, or its client has given up. */
  async stop(): Promise<void> {
    this.stopping = true;
    await this.working;
    for (const client of this.open) client.close();
  }

  private async work(dice: Dice): Promise<void> {
    const patient = this.client(PATIENCE_MS);
    const impatient = this.client(IMPATIENCE_MS);
    const paceMs = (1000 * this.options.clients) / this.options.commandsPerSecond;
    let due = systemClock.monotonic() + dice.between(0, paceMs);
    while (!this.stopping) {
      await systemClock.sleep(Math.max(0, due - systemClock.monotonic()));
      // A client that was held up does not make up for it: a system that comes back is not met by a flood.
      due = Math.max(due + paceMs, systemClock.monotonic());
      await this.carryOut(dice, patient, impatient);
    }
  }

  private client(timeoutMs: number): OrderClient {
    const http = new HttpClient(this.options.url, timeoutMs);
    this.open.push(http);
    return new OrderClient(http);
  }

  private async carryOut(dice: Dice, patient: OrderClient, impatient: OrderClient): Promise<void> {
    const { command, order } = this.orders.next(dice);
    const key = dice.chance(SHARES.keyed) ? dice.uuid() : null;
    const ifMatch = order && dice.chance(SHARES.ifMatch) ? order.version : null;
    const sent = this.journal.open({ causationId: dice.uuid(), command, key, ifMatch });
    for (let attempt = 1; attempt <= ATTEMPTS_MAX; attempt += 1) {
      const client = attempt === 1 && dice.chance(SHARES.impatient) ? impatient : patient;
      const { outcome, code } = await this.send(sent, client);
      const isRefused = outcome === 'refused' && !NOT_TAKEN.includes(code ?? '');
      const isSettled = isRefused || (outcome === 'ok' && !dice.chance(SHARES.repeatedThoughOk));
      if (isSettled || sent.key === null) return;
      await systemClock.sleep(dice.between(REPEAT_AFTER_MS.min, REPEAT_AFTER_MS.max));
    }
  }

  private async send(sent: SentCommand, client: OrderClient): Promise<Attempt> {
    const attempt = await sendOnce(sent, client);
    if (attempt.outcome === 'ok') this.orders.accepted(sent.command, sent.orderId!, attempt.version!);
    return attempt;
  }
}

/** Sends a command as it was sent before, or for the first time, and writes down what came of it. */
export async function sendOnce(sent: SentCommand, client: OrderClient, atRest = false): Promise<Attempt> {
  const { causationId, command, key, ifMatch } = sent;
  const headers: CommandHeaders = {
    causationId,
    ...(key === null ? {} : { idempotencyKey: key }),
    ...(ifMatch === null ? {} : { ifMatch }),
  };
  const result = await client.execute(command, headers);
  const { outcome, status, code, version } = result;
  const attempt = { outcome, status, code, version, answer: outcome === 'ok' ? answerText(result) : null, atRest };
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
