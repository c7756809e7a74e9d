import { Writable } from 'node:stream';
import { systemClock as clock } from '@chronicle/seams';
import { commands } from '../commands.js';
import { runCli } from '../run-cli.js';

class Text extends Writable {
  text = '';
  override _write(chunk: Buffer, _encoding: string, done: () => void): void {
    this.text += chunk.toString();
    done();
  }
}

/** What a command printed and how it ended. */
export interface Ran {
  readonly exitCode: number;
  readonly out: string;
  readonly err: string;
  /** Standard output as JSON, a line each. */
  readonly json: unknown[];
}

/** Runs the CLI in this process. */
export async function ranCli(
  args: readonly string[],
  signal: AbortSignal = new AbortController().signal,
): Promise<Ran> {
  const stdout = new Text();
  const stderr = new Text();
  const call = { args, commands, streams: { stdout, stderr }, clock, environment: {}, callersFolder: '/', signal };
  const exitCode = await runCli(call);
  const lines = args.includes('--json') ? stdout.text.split('\n').filter(Boolean) : [];
  return { exitCode, out: stdout.text, err: stderr.text, json: lines.map((line) => JSON.parse(line) as unknown) };
}
