import { createServer } from 'node:net';
import type { AppDefinition } from './apps.js';

/** Everything listens on loopback: a system started by hand is for its own machine. */
export const HOST = '127.0.0.1';

/** Below the range from which the operating system picks ports of outgoing connections. */
const BASE_PORTS = { from: 10_000, to: 32_000 };
const BASE_PORT_TRIES_MAX = 50;

/** A port that an app needs and somebody else has. */
export interface TakenPort {
  readonly app: string;
  readonly port: number;
}

/** Can somebody listen on `port` of loopback now? */
export function isPortFree(port: number): Promise<boolean> {
  return new Promise((free) => {
    const probe = createServer();
    probe.once('error', () => free(false));
    probe.listen({ port, host: HOST, exclusive: true }, () => probe.close(() => free(true)));
  });
}

/** The ports of `apps` above `basePort` that are taken, in the order of the apps. */
export async function takenPorts(apps: readonly AppDefinition[], basePort: number): Promise<TakenPort[]> {
  const taken: TakenPort[] = [];
  for (const { name, portOffset } of apps) {
    const port = basePort + portOffset;
    if (!(await isPortFree(port))) taken.push({ app: name, port });
  }
  return taken;
}

/** A base port above which every port of `apps` is free, picked at random so that systems started together do not meet. */
export async function freeBasePort(apps: readonly AppDefinition[]): Promise<number> {
  for (let attempt = 1; attempt <= BASE_PORT_TRIES_MAX; attempt += 1) {
    const basePort = BASE_PORTS.from + Math.floor(Math.random() * (BASE_PORTS.to - BASE_PORTS.from));
    if ((await takenPorts(apps, basePort)).length === 0) return basePort;
  }
  throw new Error(
    `no base port between ${BASE_PORTS.from} and ${BASE_PORTS.to} with ${apps.length} free ports in ${BASE_PORT_TRIES_MAX} tries`,
  );
}
