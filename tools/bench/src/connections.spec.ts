import { connect, createServer, type AddressInfo, type Socket } from 'node:net';
import { once } from 'node:events';
import { connectionPorts } from './connections.js';

describe('the connections of a process', () => {
  it('are known by their local ports, as long as they are open', async () => {
    const server = createServer().listen(0, '127.0.0.1');
    await once(server, 'listening');
    const accepted = once(server, 'connection');
    const client = connect((server.address() as AddressInfo).port, '127.0.0.1');
    await once(client, 'connect');
    const port = client.localPort!;
    expect(connectionPorts(process.pid)).toContain(port);

    const [other] = (await accepted) as [Socket];
    other.destroy();
    client.destroy();
    await once(client, 'close');
    server.close();
    await once(server, 'close');
    expect(connectionPorts(process.pid)).not.toContain(port);
  });
});
