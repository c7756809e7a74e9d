import { HttpClient } from './http-client.js';
import type { HttpAnswer, HttpContent } from './http-client.js';

/** An answer of the demo that is not as it should be. The message says what was asked, expected and found. */
export class DemoFailedError extends Error {
  readonly code = 'demo-failed';
  constructor(message: string) {
    super(message);
    this.name = 'DemoFailedError';
  }
}

const BOLD = 1;
const DIM = 2;
const GREEN = 32;
const YELLOW = 33;

/** Tells what the demo does, and does it: every request and its answer on two lines. */
export class DemoNarrator {
  private chapters = 0;

  constructor(
    private readonly write: (text: string) => void,
    private readonly colour: boolean,
  ) {}

  chapter(title: string): void {
    this.chapters += 1;
    this.write(`\n${this.paint(BOLD, `${this.chapters}. ${title}`)}\n`);
  }

  say(text: string): void {
    this.write(`   ${text}\n`);
  }

  /** Sends a request, shows it and its answer, and returns the body. Throws {@link DemoFailedError} at any other status. */
  async ask(
    client: HttpClient,
    method: string,
    path: string,
    status: number,
    content: HttpContent = {},
  ): Promise<Record<string, unknown>> {
    const headers = Object.entries(content.headers ?? {}).map(([name, value]) => ` ${name}: ${String(value)}`);
    const sent = content.json === undefined ? '' : ` ${JSON.stringify(content.json)}`;
    this.say(this.paint(DIM, `→ ${method} ${path}${headers.join('')}${sent}`));
    const answer = await client.send(method, path, content);
    const body = parse(answer);
    this.say(this.paint(answer.status < 400 ? GREEN : YELLOW, `← ${answer.status} ${summary(body)}`));
    if (answer.status === status) return body;
    throw new DemoFailedError(`${method} ${path}: expected ${status}, found ${answer.status} ${answer.text}`);
  }

  private paint(code: number, text: string): string {
    return this.colour ? `\u001b[${code}m${text}\u001b[0m` : text;
  }
}

const SUMMARY_LENGTH_MAX = 160;

/** A problem in its own words; anything else as it is, as far as it fits. */
function summary(body: Record<string, unknown>): string {
  if (typeof body['code'] === 'string') return `${body['code']}: ${String(body['detail'])}`;
  const text = JSON.stringify(body);
  return text.length > SUMMARY_LENGTH_MAX ? `${text.slice(0, SUMMARY_LENGTH_MAX)}…` : text;
}

function parse({ text }: HttpAnswer): Record<string, unknown> {
  try {
    return JSON.parse(text) as Record<string, unknown>;
  } catch {
    return { text };
  }
}
