import { createServer } from 'node:net';
import { ServerStartError } from './errors.js';

/** Below the range from which the operating system picks ports of outgoing connections. */
const FREE_PORTS = { from: 20_000, to: 31_000 };
const PORTS_PER_PROCESS = 20;
const PORT_TRIES_MAX = 2_000;

/** Processes that choose at the same time begin to look in different places. */
let next = FREE_PORTS.from + ((process.pid * PORTS_PER_PROCESS) % (FREE_PORTS.to - FREE_PORTS.from));

/** `count` different ports on which nobody listens at any of `hosts` now. Chosen so that parallel callers rarely meet. */
export async function chooseFreePorts(count: number, hosts: readonly string[]): Promise<number[]> {
  const chosen: number[] = [];
  for (let tries = 0; chosen.length < count; tries += 1) {
    if (tries === PORT_TRIES_MAX) throw new ServerStartError(`no ${count} free ports found in ${tries} tries`);
    const port = next;
    next = port + 1 < FREE_PORTS.to ? port + 1 : FREE_PORTS.from;
    if (await isFreeEverywhere(port, hosts)) chosen.push(port);
  }
  return chosen;
}

/** {@link ServerStartError} naming the first of `addresses` on which somebody listens already. */
export async function requireFree(addresses: readonly { host: string; port: number }[]): Promise<void> {
  for (const { host, port } of addresses) {
    if (await isPortFree(port, host)) continue;
    throw new ServerStartError(
      `${host}:${port} is taken by another process, or ${host} is no address of this machine; ` +
        'choose other ports with --port-base N, or free ones with --port-base free',
    );
  }
}

/** Can somebody listen on `port` of `host` now? */
export function isPortFree(port: number, host: string): Promise<boolean> {
  return new Promise((free) => {
    const probe = createServer();
    probe.once('error', () => free(false));
    probe.listen({ port, host, exclusive: true }, () => probe.close(() => free(true)));
  });
}

async function isFreeEverywhere(port: number, hosts: readonly string[]): Promise<boolean> {
  for (const host of hosts) if (!(await isPortFree(port, host))) return false;
  return true;
}
