/** Told what is going on, one short line at a time. */
export type Progress = (line: string) => void;

/** Progress that nobody watches. */
export const silent: Progress = () => {};

/** Progress with the seconds since `stopwatch` was made in front of each line. */
export function stopwatch(print: Progress): Progress {
  const began = performance.now();
  return (line) => print(`[${((performance.now() - began) / 1000).toFixed(1).padStart(5)} s] ${line}`);
}

/** The same progress, each line begun with who is meant. */
export function about(subject: string, progress: Progress): Progress {
  return (line) => progress(`${subject}: ${line}`);
}
