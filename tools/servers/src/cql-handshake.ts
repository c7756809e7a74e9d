import { connect } from 'node:net';

/** The shortest question of CQL's binary protocol, version 4: header of OPTIONS, no body. */
const OPTIONS = Buffer.from([0x04, 0x00, 0x00, 0x00, 0x05, 0x00, 0x00, 0x00, 0x00]);
const SUPPORTED = 0x06;
const HEADER_LENGTH = 9;
const OPCODE_AT = 4;

/**
 * Resolves when a server that speaks CQL answers at `address` (`host:port`). Asked before a driver is: cassandra-driver 4.10 waits
 * on, and keeps the process alive for 30 s, when a port takes a connection and drops it again, as that of a starting container.
 */
export function shakeHands(address: string, timeoutMs: number): Promise<void> {
  const colon = address.lastIndexOf(':');
  const socket = connect({ host: address.slice(0, colon), port: Number(address.slice(colon + 1)) });
  return new Promise<void>((answered, failed) => {
    let reply = Buffer.alloc(0);
    socket.setTimeout(timeoutMs, () => failed(new Error(`${address} does not answer within ${timeoutMs / 1000} s`)));
    socket.once('error', failed).once('close', () => failed(new Error(`${address} dropped the connection`)));
    socket.once('connect', () => socket.write(OPTIONS));
    socket.on('data', (data) => {
      reply = Buffer.concat([reply, data]);
      if (reply.length < HEADER_LENGTH) return;
      if (reply[OPCODE_AT] === SUPPORTED) answered();
      else
        failed(
          new Error(`${address} does not speak CQL: it answers ${reply.subarray(0, HEADER_LENGTH).toString('hex')}`),
        );
    });
  }).finally(() => socket.destroy());
}
