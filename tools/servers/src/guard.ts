import { spawn } from 'node:child_process';

/**
 * Has a shell wait for the end of this process, and run `command "$0"` with `subject` as `$0` then: also when this process was
 * killed and could clean up nothing itself. The function returned calls it off.
 */
export function whenWeEnd(command: string, subject: string): () => void {
  // The end of this process, in whatever way, closes the pipe that the shell reads. A line in it says that all is well.
  const script = `read -r called_off || ${command} "$0"`;
  const guard = spawn('sh', ['-c', script, subject], { detached: true, stdio: ['pipe', 'ignore', 'ignore'] });
  guard.unref();
  guard.stdin.on('error', () => {}); // a guard that was killed by hand can no longer be told
  (guard.stdin as unknown as { unref(): void }).unref();
  return () => guard.stdin.end('called off\n');
}
