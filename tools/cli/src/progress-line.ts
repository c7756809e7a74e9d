import type { Clock } from '@chronicle/seams';
import type { Output } from './output.js';
import type { CheckProgress } from './verification/progress.js';

const SHOWN_EVERY_MS = 200;

/** Shows how far a long check has come, and when its step will end, on a line that is written anew. Only on a terminal. */
export function progressLine(output: Output, clock: Clock): { onProgress: CheckProgress; end(): void } {
  let step = '';
  let stepBegan = 0;
  let shown = -Infinity;
  return {
    onProgress(name, done, total) {
      const now = clock.monotonic();
      if (name !== step) [step, stepBegan, shown] = [name, now, -Infinity];
      if (now - shown < SHOWN_EVERY_MS) return;
      shown = now;
      output.show(progressText(name, done, total, now - stepBegan));
    },
    end: () => output.show(''),
  };
}

/** `change log: 12,000 of about 50,000 (24 %), about 3 s left`. */
export function progressText(step: string, done: number, total: number, elapsedMs: number): string {
  const all = Math.max(done, total, 1);
  const number = (value: number) => value.toLocaleString('en');
  const leftSeconds = done > 0 ? Math.ceil((elapsedMs * (all - done)) / done / 1000) : undefined;
  const left = leftSeconds === undefined ? '' : `, about ${number(leftSeconds)} s left`;
  return `${step}: ${number(done)} of about ${number(all)} (${Math.floor((done / all) * 100)} %)${left}`;
}
