import { EventEmitter } from 'node:events';
import { connect, type AddressInfo, type Socket } from 'node:net';
import { systemClock, systemEntropy } from '@chronicle/seams';
import { createApp, type App } from '../app.js';
import { sampleApp } from '../sample-app.fixture.js';
import { rawErrorAnswers } from './raw-errors.js';

/** Sends `text` over a socket of its own and answers everything that came back when the server closed. */
function send(port: number, text: string): Promise<string> {
  return new Promise((resolve, reject) => {
    let answer = '';
    const socket = connect(port, '127.0.0.1', () => socket.write(text));
    socket.setEncoding('utf8');
    socket.on('data', (part: string) => (answer += part));
    socket.on('end', () => resolve(answer));
    socket.on('error', (error) => (answer === '' ? reject(error) : resolve(answer)));
  });
}

function read(answer: string): { status: number; head: string; body: Record<string, unknown> } {
  const [head, body] = answer.split('\r\n\r\n') as [string, string];
  return {
    status: Number(head.split(' ')[1]),
    head: head.toLowerCase(),
    body: JSON.parse(body) as Record<string, unknown>,
  };
}

const CLOSE = 'Host: x\r\nConnection: close\r\n';

describe('on a bare connection', () => {
  let app: App;
  let port: number;
  beforeAll(async () => {
    app = await createApp(sampleApp());
    await app.http.listen({ host: '127.0.0.1', port: 0 });
    port = (app.http.server.address() as AddressInfo).port;
  });
  afterAll(() => app.close());

  it.each([
    ['no HTTP', 'hello\r\n\r\n', 400, 'malformed-request'],
    ['an unknown method', `BREW /v1/things HTTP/1.1\r\n${CLOSE}\r\n`, 400, 'malformed-request'],
    [
      'two lengths',
      `POST /v1/things HTTP/1.1\r\n${CLOSE}Content-Length: 3\r\nTransfer-Encoding: chunked\r\n\r\n`,
      400,
      'malformed-request',
    ],
    [
      'a bad chunk',
      `POST /v1/things HTTP/1.1\r\n${CLOSE}Transfer-Encoding: chunked\r\n\r\nZZ\r\n`,
      400,
      'malformed-request',
    ],
    ['no Host', 'GET /v1/things/1 HTTP/1.1\r\nConnection: close\r\n\r\n', 400, 'malformed-request'],
    [
      'headers over 16 KiB',
      `GET /v1/things/1 HTTP/1.1\r\n${CLOSE}a: ${'x'.repeat(17_000)}\r\n\r\n`,
      431,
      'headers-too-large',
    ],
    [
      'a megabyte of headers',
      `GET /v1/things/1 HTTP/1.1\r\n${CLOSE}a: ${'x'.repeat(1_000_000)}\r\n\r\n`,
      431,
      'headers-too-large',
    ],
    ['a method no route has', `PURGE /v1/things HTTP/1.1\r\n${CLOSE}\r\n`, 405, 'method-not-allowed'],
    ['the target *', `OPTIONS * HTTP/1.1\r\n${CLOSE}\r\n`, 404, 'route-not-found'],
  ])('%s is answered as a problem with a correlation id', async (_name, text, status, code) => {
    const answer = read(await send(port, text));
    expect(answer.status).toBe(status);
    expect(answer.body).toMatchObject({ status, code, type: `/problems/${code}` });
    expect(answer.head).toMatch(/\r\ncontent-type: application\/problem\+json\r\n/);
    expect(answer.head).toMatch(/\r\nx-correlation-id: [0-9a-f-]{36}\r\n/);
  });

  it.each([
    ['headers of 15 KiB', `a: ${'x'.repeat(15_000)}\r\n`],
    ['an expectation it does not know', 'Expect: wonders\r\n'],
    ['an upgrade it does not offer', 'Upgrade: h2c\r\n'],
  ])('takes %s', async (_name, header) => {
    expect(read(await send(port, `GET /v1/things/1 HTTP/1.1\r\n${CLOSE}${header}\r\n`)).status).toBe(200);
  });

  it.each([false, true])(
    'a body of 5 MB gets its 413 through to a client that is still sending (in chunks: %s)',
    async (inChunks) => {
      const text = JSON.stringify({ text: 'x'.repeat(5_000_000) });
      const body = inChunks ? new Blob([text]).stream() : text;
      const headers = { 'content-type': 'application/json' };
      const answer = await fetch(`http://127.0.0.1:${port}/v1/things`, {
        method: 'POST',
        headers,
        body,
        duplex: 'half',
      } as RequestInit);
      expect(answer.status).toBe(413);
      expect(await answer.json()).toMatchObject({ code: 'body-too-large' });
    },
  );
});

describe('the answer to what is no HTTP', () => {
  class FakeSocket extends EventEmitter {
    written = '';
    destroyed = false;
    constructor(readonly writable = true) {
      super();
    }
    end(text: string) {
      this.written += text;
    }
    resume() {}
    destroy() {
      this.destroyed = true;
    }
  }
  const answer = (code: string, socket: FakeSocket) =>
    rawErrorAnswers(systemClock, systemEntropy)(Object.assign(new Error('x'), { code }), socket as unknown as Socket);

  it('tells a request that took too long', () => {
    const socket = new FakeSocket();
    answer('ERR_HTTP_REQUEST_TIMEOUT', socket);
    expect(read(socket.written)).toMatchObject({ status: 408, body: { code: 'request-timeout' } });
  });

  it.each([
    ['ECONNRESET', true],
    ['HPE_INVALID_METHOD', false],
  ])('says nothing to a client that is gone (%s, writable: %s)', (code, writable) => {
    const socket = new FakeSocket(writable);
    answer(code, socket);
    expect(socket).toMatchObject({ written: '', destroyed: true });
  });
});
