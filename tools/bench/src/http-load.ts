import { systemClock } from '@chronicle/seams';
import { KeepAliveConnection, type HttpReply } from './keep-alive-connection.js';

/** What a load brought about. */
export interface LoadResult {
  /** Of the answers with the status that was expected. */
  readonly latenciesMs: readonly number[];
  readonly seconds: number;
  /** Answers with any other status, by status. */
  readonly refused: Readonly<Record<string, number>>;
}

/** What is sent, and how. */
export interface ClosedLoop {
  readonly port: number;
  readonly connections: number;
  readonly seconds: number;
  /** The next whole request. */
  readonly next: () => Buffer;
  readonly expectedStatus: number;
}

/** Each connection sends its next request when it has the answer to the last one: the most that so many clients can get. */
export async function closedLoop({
  port,
  connections,
  seconds,
  next,
  expectedStatus,
}: ClosedLoop): Promise<LoadResult> {
  const open = await Promise.all(Array.from({ length: connections }, () => KeepAliveConnection.open(port)));
  const latenciesMs: number[] = [];
  const refused: Record<string, number> = {};
  const begunAt = performance.now();
  const endAt = begunAt + seconds * 1000;
  let lastAt = begunAt;
  const drive = async (connection: KeepAliveConnection) => {
    for (let sentAt = performance.now(); sentAt < endAt; sentAt = lastAt) {
      const { status } = await connection.exchange(next());
      lastAt = performance.now();
      if (status === expectedStatus) latenciesMs.push(lastAt - sentAt);
      else refused[status] = (refused[status] ?? 0) + 1;
    }
  };
  await Promise.all(open.map(drive));
  for (const connection of open) connection.close();
  return { latenciesMs, seconds: (lastAt - begunAt) / 1000, refused };
}

/** So many connections at most: a service that falls behind is not helped by more. */
const POOL_MAX = 256;
const TICK_MS = 1;
/** A connection that rested longer is not used again: the apps close theirs after 75 s, perhaps just when a request is on its way. */
const RESTED_MS_MAX = 30_000;

/** Connections to one port, opened as they are needed; requests beyond {@link POOL_MAX} wait. */
export class ConnectionPool {
  private readonly free: { readonly connection: KeepAliveConnection; readonly since: number }[] = [];
  private readonly opened = new Set<KeepAliveConnection>();
  private opening = 0;
  private readonly waiting: ((connection: KeepAliveConnection) => void)[] = [];

  constructor(private readonly port: number) {}

  async exchange(request: Buffer): Promise<HttpReply> {
    const connection = await this.take();
    const reply = await connection.exchange(request);
    const next = this.waiting.shift();
    if (next === undefined) this.free.push({ connection, since: performance.now() });
    else next(connection);
    return reply;
  }

  close(): void {
    for (const connection of this.opened) connection.close();
  }

  private async take(): Promise<KeepAliveConnection> {
    for (let free = this.free.pop(); free !== undefined; free = this.free.pop()) {
      const { connection, since } = free;
      if (connection.isOpen && performance.now() - since < RESTED_MS_MAX) return connection;
      connection.close();
      this.opened.delete(connection);
    }
    if (this.opened.size + this.opening >= POOL_MAX) return new Promise((resolve) => this.waiting.push(resolve));
    this.opening += 1;
    const connection = await KeepAliveConnection.open(this.port).finally(() => (this.opening -= 1));
    this.opened.add(connection);
    return connection;
  }
}

/**
 * Starts `send` so many times a second, evenly, for so many seconds, whatever becomes of those before: what arrives does not wait
 * for what is slow. Resolves when all have ended; rejects with the first error.
 */
export async function openLoop(
  perSecond: number,
  seconds: number,
  send: (index: number) => Promise<void>,
): Promise<void> {
  const total = Math.round(perSecond * seconds);
  const begunAt = performance.now();
  const sent: Promise<unknown>[] = [];
  const errors: unknown[] = [];
  while (sent.length < total && errors.length === 0) {
    const due = Math.min(total, Math.floor(((performance.now() - begunAt) * perSecond) / 1000) + 1);
    while (sent.length < due) sent.push(send(sent.length).catch((error: unknown) => errors.push(error)));
    await systemClock.sleep(TICK_MS);
  }
  await Promise.all(sent);
  if (errors.length > 0) throw errors[0];
}
