import { createServer } from 'node:net';
import type { AddressInfo, Server, Socket } from 'node:net';
import { shakeHands } from './cql-handshake.js';

describe('the handshake of CQL', () => {
  let server: Server;
  afterEach(() => new Promise<void>((closed) => server.close(() => closed())));

  it('given a server that answers with what it supports, is done, though the answer comes in pieces', async () => {
    const address = await listen((socket) =>
      socket.once('data', (question) => {
        expect(question.toString('hex')).toBe('040000000500000000');
        socket.write(Buffer.from('84000000', 'hex'), () =>
          setImmediate(() => socket.write(Buffer.from('0600000000', 'hex'))),
        );
      }),
    );
    await expect(shakeHands(address, 5_000)).resolves.toBeUndefined();
  });

  it('given a port that drops the connection, fails at once', async () => {
    const address = await listen((socket) => socket.destroy());
    await expect(shakeHands(address, 5_000)).rejects.toThrow(/dropped the connection|ECONNRESET/);
  });

  it('given a port that never answers, fails when the time is over', async () => {
    const address = await listen(() => {});
    await expect(shakeHands(address, 100)).rejects.toThrow(`${address} does not answer within 0.1 s`);
  });

  it('given another protocol, says so', async () => {
    const address = await listen((socket) => socket.end('HTTP/1.1 400 Bad Request\r\n'));
    await expect(shakeHands(address, 5_000)).rejects.toThrow('does not speak CQL: it answers 485454502f312e3120');
  });

  async function listen(serve: (socket: Socket) => void): Promise<string> {
    server = createServer((socket) => {
      socket.on('error', () => {}).resume(); // one with unread bytes would keep the server from closing
      serve(socket);
    });
    await new Promise<void>((listening) => server.listen(0, '127.0.0.1', listening));
    return `127.0.0.1:${(server.address() as AddressInfo).port}`;
  }
});
