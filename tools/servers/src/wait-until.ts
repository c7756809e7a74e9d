import { setTimeout as pause } from 'node:timers/promises';

/** Asks `ask` again and again until it answers something else than undefined. Undefined when `timeoutMs` are over. */
export async function waitUntil<T>(
  ask: () => T | undefined | Promise<T | undefined>,
  { everyMs, timeoutMs }: { everyMs: number; timeoutMs: number },
): Promise<T | undefined> {
  const deadline = performance.now() + timeoutMs;
  for (;;) {
    const answer = await ask();
    if (answer !== undefined || performance.now() >= deadline) return answer;
    await pause(everyMs);
  }
}
