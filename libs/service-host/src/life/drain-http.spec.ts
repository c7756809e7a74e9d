import { Agent, request } from 'node:http';
import type { IncomingMessage } from 'node:http';
import type { AddressInfo } from 'node:net';
import { createApp } from '../app.js';
import { sampleApp } from '../sample-app.fixture.js';

describe('kept connections', () => {
  it('given a drain, answer the request that comes on them just then, and ask to be closed', async () => {
    const app = await createApp(sampleApp());
    await app.http.listen({ host: '127.0.0.1', port: 0 });
    const { port } = app.http.server.address() as AddressInfo;
    const agent = new Agent({ keepAlive: true, maxSockets: 1 });
    const ask = () => answerOf(`http://127.0.0.1:${port}/health/live`, agent);
    expect(await ask()).toEqual({ status: 200, connection: 'keep-alive' });
    const closing = app.close();
    expect(await ask()).toEqual({ status: 200, connection: 'close' });
    expect(await closing).toEqual({ outcome: 'finished' });
    agent.destroy();
  });

  it('that nobody uses do not hold the drain up', async () => {
    const app = await createApp(sampleApp());
    await app.http.listen({ host: '127.0.0.1', port: 0 });
    const { port } = app.http.server.address() as AddressInfo;
    const agent = new Agent({ keepAlive: true });
    await answerOf(`http://127.0.0.1:${port}/health/live`, agent);
    const before = performance.now();
    expect(await app.close()).toEqual({ outcome: 'finished' });
    expect(performance.now() - before).toBeLessThan(2_000);
    agent.destroy();
  });
});

async function answerOf(url: string, agent: Agent) {
  const answer = await new Promise<IncomingMessage>((resolve, reject) => {
    request(url, { agent }, resolve).on('error', reject).end();
  });
  answer.resume();
  await new Promise((ended) => answer.once('end', ended));
  return { status: answer.statusCode, connection: answer.headers.connection };
}
