import { readFileSync, readdirSync, readlinkSync } from 'node:fs';

const ESTABLISHED = '01';

/**
 * The local ports of the TCP connections over IPv4 that a process has, from `/proc`: by them, the server at the other end can tell
 * whose requests it counts.
 */
export function connectionPorts(pid: number): ReadonlySet<number> {
  const own = new Set(readdirSync(`/proc/${pid}/fd`).flatMap((fd) => socketOf(`/proc/${pid}/fd/${fd}`) ?? []));
  const [, ...lines] = readFileSync(`/proc/${pid}/net/tcp`, 'utf8').trimEnd().split('\n');
  const ports = lines.flatMap((line) => {
    const fields = line.trim().split(/\s+/);
    const [local, state, inode] = [fields[1]!, fields[3]!, fields[9]!];
    return state === ESTABLISHED && own.has(inode) ? [Number.parseInt(local.split(':')[1]!, 16)] : [];
  });
  return new Set(ports);
}

/** The inode of the socket behind a file descriptor; undefined when it is no socket, or closed meanwhile. */
function socketOf(path: string): string | undefined {
  try {
    return /^socket:\[(\d+)\]$/.exec(readlinkSync(path))?.[1];
  } catch {
    return undefined;
  }
}
