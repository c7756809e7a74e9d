import { once } from 'node:events';
import { createServer, type RequestListener, type Server } from 'node:http';
import type { AddressInfo, Socket } from 'node:net';
import { ConnectionPool, closedLoop, openLoop } from './http-load.js';
import { KeepAliveConnection } from './keep-alive-connection.js';
import { getRequest, postRequest } from './order-requests.js';

let server: Server | undefined;
afterEach(() => server?.close());

async function serve(listener: RequestListener): Promise<number> {
  server = createServer(listener);
  await once(server.listen(0, '127.0.0.1'), 'listening');
  return (server.address() as AddressInfo).port;
}

describe('a kept connection', () => {
  it('given an answer in pieces, then it is whole, and the next one too', async () => {
    const text = 'é'.repeat(50_000);
    const port = await serve((request, response) => {
      const body = Buffer.from(`${request.method} ${request.url} ${text}`);
      response.writeHead(201, { 'content-length': body.length });
      response.write(body.subarray(0, 3));
      setImmediate(() => response.end(body.subarray(3)));
    });
    const connection = await KeepAliveConnection.open(port);
    for (const request of [postRequest('/a', {}), getRequest('/b')]) {
      const { status, body } = await connection.exchange(request);
      const [method, path] = request === undefined ? [] : request.toString().split(' ');
      expect([status, body.toString()]).toEqual([201, `${method} ${path} ${text}`]);
    }
    connection.close();
  });

  it('given the server goes away, then the exchange fails', async () => {
    const port = await serve((request) => request.socket.destroy());
    const connection = await KeepAliveConnection.open(port);
    await expect(connection.exchange(getRequest('/'))).rejects.toThrow('closed before the answer');
  });
});

describe('a closed loop', () => {
  it('counts what was answered as expected by its latency, and the rest by status', async () => {
    let requests = 0;
    const sockets = new Set();
    const port = await serve((request, response) => {
      sockets.add(request.socket);
      requests += 1;
      response.writeHead(requests % 3 === 0 ? 503 : 201, { 'content-length': 2 }).end('{}');
    });
    const next = () => postRequest('/', {});
    const result = await closedLoop({ port, connections: 4, seconds: 0.2, next, expectedStatus: 201 });
    expect(sockets.size).toBe(4);
    expect(result.refused).toEqual({ 503: Math.floor(requests / 3) });
    expect(result.latenciesMs).toHaveLength(requests - Math.floor(requests / 3));
    expect(result.seconds).toBeGreaterThanOrEqual(0.2);
  });
});

describe('a pool of connections', () => {
  it('given that the server has closed what was idle, then it opens another', async () => {
    const port = await serve((_, response) => response.writeHead(200, { 'content-length': 0 }).end());
    const pool = new ConnectionPool(port);
    const sockets: Socket[] = [];
    server!.on('connection', (socket) => sockets.push(socket));
    await pool.exchange(getRequest('/'));
    sockets[0]!.end();
    await once(sockets[0]!, 'close'); // so the other side has closed its own too
    await pool.exchange(getRequest('/'));
    pool.close();
    expect(sockets).toHaveLength(2);
  });
});

describe('an open loop', () => {
  it('starts each in its turn, whether or not those before it have ended', async () => {
    const started: number[] = [];
    let release = () => {};
    const gate = new Promise<void>((resolve) => (release = resolve));
    await openLoop(200, 0.1, async (index) => {
      if (started.push(index) === 20) release();
      await gate;
    });
    expect(started).toEqual(Array.from({ length: 20 }, (_, index) => index));
  });

  it('given one fails, then it starts no more and fails too', async () => {
    const started: number[] = [];
    const run = openLoop(100, 60, async (index) => {
      started.push(index);
      if (index === 2) throw new Error('no more');
    });
    await expect(run).rejects.toThrow('no more');
    expect(started.length).toBeLessThan(100);
  });

  it('over a pool uses a connection again', async () => {
    const port = await serve((_, response) => response.writeHead(200, { 'content-length': 2 }).end('{}'));
    const pool = new ConnectionPool(port);
    for (let index = 0; index < 3; index += 1) await pool.exchange(getRequest('/'));
    expect(await new Promise((resolve) => server!.getConnections((_, count) => resolve(count)))).toBe(1);
    pool.close();
  });
});
