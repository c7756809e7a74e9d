import { HttpClient, NoAnswerError } from './http-client.js';
import type { HttpAnswer } from './http-client.js';
import { Journal } from './journal.js';
import type { JournalEntry, Outcome } from './journal.js';

/** A line of an order, as the contract has it. */
export interface OrderItem {
  readonly productId: string;
  readonly quantity: number;
  readonly unitPrice: number;
}

/** A command of the HTTP contract. */
export type OrderCommand =
  | {
      readonly command: 'create';
      readonly orderId?: string;
      readonly customerId: string;
      readonly currency: string;
      readonly items: readonly OrderItem[];
    }
  | {
      readonly command: 'items';
      readonly orderId: string;
      readonly items: readonly OrderItem[];
      readonly reason?: string;
    }
  | { readonly command: 'confirm'; readonly orderId: string }
  | { readonly command: 'ship'; readonly orderId: string; readonly trackingNumber: string; readonly carrier: string }
  | { readonly command: 'deliver'; readonly orderId: string; readonly signature?: string }
  | { readonly command: 'cancel'; readonly orderId: string; readonly reason?: string };

/** The headers of the contract that a command may carry. */
export interface CommandHeaders {
  readonly idempotencyKey?: string;
  readonly ifMatch?: number;
  readonly correlationId?: string;
  readonly causationId?: string;
  readonly token?: string;
}

/** What a client was told, and the answer itself; no answer when none came. */
export interface CommandResult extends JournalEntry {
  readonly answer: HttpAnswer | undefined;
}

/** Sends commands to command-service and keeps a {@link Journal} of what it was told. */
export class OrderClient {
  constructor(
    readonly http: HttpClient,
    readonly journal = new Journal(),
  ) {}

  /** Sends one command once. Never rejects: an answer that did not come is an outcome too. */
  async execute(command: OrderCommand, headers: CommandHeaders = {}): Promise<CommandResult> {
    const sentAt = new Date().toISOString();
    const { method, path, body } = requestOf(command);
    const known = { command: command.command, idempotencyKey: headers.idempotencyKey ?? null, sentAt };
    let told: Told & { answer: HttpAnswer | undefined };
    try {
      const answer = await this.http.send(method, path, { json: body, headers: headerFields(headers) });
      told = { ...toldBy(answer), answer };
    } catch (error) {
      if (!(error instanceof NoAnswerError)) throw error;
      told = { ...NOTHING, outcome: error.sent ? 'unknown' : 'refused', code: error.code, answer: undefined };
    }
    const result = { ...known, ...told, orderId: told.orderId ?? command.orderId ?? null };
    const { answer: _answer, ...entry } = result;
    this.journal.record(entry);
    return result;
  }
}

type Told = Pick<JournalEntry, 'outcome' | 'orderId' | 'status' | 'code' | 'version' | 'commandId'>;
const NOTHING = { orderId: null, status: null, version: null, commandId: null };

function requestOf(order: OrderCommand): { method: string; path: string; body: unknown } {
  const { command, ...fields } = order;
  if (command === 'create') return { method: 'POST', path: '/v1/orders', body: fields };
  const { orderId, ...body } = fields as { orderId: string };
  return { method: command === 'items' ? 'PUT' : 'POST', path: `/v1/orders/${orderId}/${command}`, body };
}

function headerFields({ idempotencyKey, ifMatch, correlationId, causationId, token }: CommandHeaders) {
  return {
    ...(idempotencyKey === undefined ? {} : { 'idempotency-key': idempotencyKey }),
    ...(ifMatch === undefined ? {} : { 'if-match': `"${ifMatch}"` }),
    ...(correlationId === undefined ? {} : { 'x-correlation-id': correlationId }),
    ...(causationId === undefined ? {} : { 'x-causation-id': causationId }),
    ...(token === undefined ? {} : { authorization: `Bearer ${token}` }),
  };
}

function toldBy({ status, text }: HttpAnswer): Told {
  const body = parse(text);
  return {
    outcome: outcomeOf(status, body.code),
    orderId: body.orderId ?? null,
    status,
    code: body.code ?? null,
    version: body.version ?? null,
    commandId: body.commandId ?? null,
  };
}

/** Of the server's own failures only `store-unavailable` promises that nothing was done. */
function outcomeOf(status: number, code: string | undefined): Outcome {
  if (status >= 200 && status < 300) return 'ok';
  return status < 500 || code === 'store-unavailable' ? 'refused' : 'unknown';
}

function parse(text: string): { code?: string; orderId?: string; version?: number; commandId?: string } {
  try {
    return JSON.parse(text) as object;
  } catch {
    return {};
  }
}
