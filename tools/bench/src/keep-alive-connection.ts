import { connect, type Socket } from 'node:net';
import { once } from 'node:events';

/** An answer, as far as a load generator looks at it. */
export interface HttpReply {
  readonly status: number;
  readonly body: Buffer;
}

const CLOSED = 'the connection was closed before the answer had come';
const HEAD_END = '\r\n\r\n';
const LENGTH = /\r\ncontent-length: (\d+)/i;

/**
 * One connection that is kept, for one request at a time. It parses no more of an answer than a load generator must know, because
 * the generator shares the machine with what it measures: Node's own client takes several times the CPU time for a request.
 */
export class KeepAliveConnection {
  private received: Buffer | undefined;
  private waiting: { resolve(reply: HttpReply): void; reject(error: unknown): void } | undefined;

  private constructor(private readonly socket: Socket) {
    socket.setNoDelay(true);
    socket.on('data', (chunk) => this.take(chunk));
    socket.on('error', (error) => this.fail(error));
    socket.on('close', () => this.fail(new Error(CLOSED)));
  }

  /** Connects to a port of this machine. */
  static async open(port: number): Promise<KeepAliveConnection> {
    const socket = connect({ port, host: '127.0.0.1' });
    await once(socket, 'connect');
    return new KeepAliveConnection(socket);
  }

  /** False once the other side has closed it, as servers do when it has been idle for a while, or it failed. */
  get isOpen(): boolean {
    return this.socket.writable;
  }

  /** Sends a whole request; resolves when the whole answer is there. */
  exchange(request: Buffer): Promise<HttpReply> {
    return new Promise((resolve, reject) => {
      if (!this.isOpen) return reject(new Error(CLOSED));
      this.waiting = { resolve, reject };
      this.socket.write(request);
    });
  }

  close(): void {
    this.socket.destroy();
  }

  private take(chunk: Buffer): void {
    const bytes = this.received === undefined ? chunk : Buffer.concat([this.received, chunk]);
    const headEnd = bytes.indexOf(HEAD_END);
    const bodyStart = headEnd + HEAD_END.length;
    const length = headEnd < 0 ? undefined : bodyLength(bytes.toString('latin1', 0, headEnd));
    if (length === undefined || bytes.length < bodyStart + length) {
      this.received = bytes;
      return;
    }
    this.received = undefined;
    const waiting = this.waiting;
    this.waiting = undefined;
    const status = Number(bytes.toString('latin1', 9, 12)); // HTTP/1.1 201 ...
    waiting?.resolve({ status, body: bytes.subarray(bodyStart, bodyStart + length) });
  }

  private fail(error: unknown): void {
    this.waiting?.reject(error);
    this.waiting = undefined;
  }
}

/** Every answer that is measured says how long it is. */
function bodyLength(head: string): number {
  const found = LENGTH.exec(head)?.[1];
  if (found === undefined) throw new Error(`expected an answer with Content-Length, found ${JSON.stringify(head)}`);
  return Number(found);
}
