import { Agent, request } from 'node:http';
import type { IncomingHttpHeaders, IncomingMessage, OutgoingHttpHeaders } from 'node:http';

/** What is sent beside method and path. */
export interface HttpContent {
  readonly headers?: OutgoingHttpHeaders;
  /** Sent as JSON, with its content type unless `headers` names one. */
  readonly json?: unknown;
  /** Sent as it is, instead of `json`. */
  readonly raw?: string | Buffer;
}

/** An answer as it came. */
export interface HttpAnswer {
  readonly status: number;
  readonly headers: IncomingHttpHeaders;
  readonly text: string;
}

/** No answer came. `sent` is false when the request cannot have reached the app, true when it may have been carried out. */
export class NoAnswerError extends Error {
  readonly code = 'no-answer';
  constructor(
    message: string,
    readonly sent: boolean,
    options: { readonly cause: unknown },
  ) {
    super(message, options);
    this.name = 'NoAnswerError';
  }
}

const TIMEOUT_MS = 15_000;
const SOCKETS_MAX = 64;

/** Speaks HTTP to one app, over connections that it keeps. It changes nothing and retries nothing, so that a test sees all. */
export class HttpClient {
  private readonly agent = new Agent({ keepAlive: true, maxSockets: SOCKETS_MAX });

  constructor(
    readonly url: string,
    private readonly timeoutMs = TIMEOUT_MS,
  ) {}

  get(path: string, headers?: OutgoingHttpHeaders): Promise<HttpAnswer> {
    return this.send('GET', path, { headers });
  }

  post(path: string, json?: unknown, headers?: OutgoingHttpHeaders): Promise<HttpAnswer> {
    return this.send('POST', path, { json, headers });
  }

  put(path: string, json?: unknown, headers?: OutgoingHttpHeaders): Promise<HttpAnswer> {
    return this.send('PUT', path, { json, headers });
  }

  /** Resolves with the answer, whatever its status; rejects with {@link NoAnswerError}. */
  send(method: string, path: string, { headers, json, raw }: HttpContent = {}): Promise<HttpAnswer> {
    const body = raw ?? (json === undefined ? undefined : JSON.stringify(json));
    const described = raw === undefined && body !== undefined ? { 'content-type': 'application/json' } : {};
    const isChunked = headers?.['transfer-encoding'] !== undefined;
    const length = body === undefined || isChunked ? {} : { 'content-length': Buffer.byteLength(body) };
    return new Promise((resolve, reject) => {
      let connected = false;
      const outgoing = request(`${this.url}${path}`, {
        method,
        agent: this.agent,
        headers: { ...described, ...length, ...headers },
        signal: AbortSignal.timeout(this.timeoutMs),
      });
      const fail = (cause: unknown) =>
        reject(new NoAnswerError(`${method} ${this.url}${path}: ${String(cause)}`, connected, { cause }));
      outgoing.on('socket', (socket) => {
        if (!socket.connecting) connected = true;
        else socket.once('connect', () => (connected = true));
      });
      outgoing.on('error', fail);
      outgoing.on('response', (incoming) => read(incoming).then(resolve, fail));
      outgoing.end(body);
    });
  }

  close(): void {
    this.agent.destroy();
  }
}

async function read(incoming: IncomingMessage): Promise<HttpAnswer> {
  const chunks: Buffer[] = [];
  for await (const chunk of incoming) chunks.push(chunk as Buffer);
  return { status: incoming.statusCode!, headers: incoming.headers, text: Buffer.concat(chunks).toString('utf8') };
}
