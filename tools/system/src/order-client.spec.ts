import { createServer } from 'node:http';
import type { RequestListener, Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { HttpClient } from './http-client.js';
import { OrderClient } from './order-client.js';

const ORDER = '0197c8a1-6f00-7000-8000-000000000009';
let server: Server | undefined;

afterEach(() => {
  server?.closeAllConnections();
  server?.close();
  server = undefined;
});

describe('OrderClient', () => {
  it('sends a command as the contract has it', async () => {
    const seen: unknown[] = [];
    const client = await clientOf((request, response) => {
      request.setEncoding('utf8').on('data', (body) => {
        const { method, url, headers } = request;
        seen.push({
          method,
          url,
          ifMatch: headers['if-match'],
          key: headers['idempotency-key'],
          body: JSON.parse(body),
        });
        response.writeHead(200).end(JSON.stringify({ orderId: ORDER, version: 3, commandId: 'c' }));
      });
    });
    const result = await client.execute(
      { command: 'ship', orderId: ORDER, trackingNumber: 'T', carrier: 'C' },
      { ifMatch: 2, idempotencyKey: 'k' },
    );
    expect(seen).toEqual([
      {
        method: 'POST',
        url: `/v1/orders/${ORDER}/ship`,
        ifMatch: '"2"',
        key: 'k',
        body: { trackingNumber: 'T', carrier: 'C' },
      },
    ]);
    expect(result).toMatchObject({ outcome: 'ok', orderId: ORDER, version: 3, commandId: 'c', idempotencyKey: 'k' });
  });

  it.each([
    [409, 'order-rule-violated', 'refused'],
    [503, 'store-unavailable', 'refused'],
    [503, 'outcome-unknown', 'unknown'],
    [500, 'internal-error', 'unknown'],
  ])('given %i %s, knows the command as %s and writes it down', async (status, code, outcome) => {
    const client = await clientOf((_request, response) => response.writeHead(status).end(JSON.stringify({ code })));
    await client.execute({ command: 'confirm', orderId: ORDER });
    expect(client.journal.entries).toEqual([
      expect.objectContaining({ command: 'confirm', orderId: ORDER, outcome, status, code, version: null }),
    ]);
  });

  it('given a connection that is lost before the answer, knows nothing', async () => {
    const client = await clientOf((request) => request.socket.destroy());
    expect(await client.execute({ command: 'confirm', orderId: ORDER })).toMatchObject({
      outcome: 'unknown',
      status: null,
    });
  });

  it('given nobody who listens, knows that nothing was sent', async () => {
    const client = await clientOf(() => {});
    server!.close();
    expect(await client.execute({ command: 'confirm', orderId: ORDER })).toMatchObject({
      outcome: 'refused',
      code: 'no-answer',
    });
  });
});

async function clientOf(listener: RequestListener): Promise<OrderClient> {
  server = createServer(listener);
  await new Promise<void>((listening) => server!.listen(0, '127.0.0.1', listening));
  return new OrderClient(new HttpClient(`http://127.0.0.1:${(server.address() as AddressInfo).port}`));
}
