import { HttpClient } from '@chronicle/tool-system';
import type { HttpAnswer, HttpContent } from '@chronicle/tool-system';

/** One kind of answer that was seen: which app, method and path gave which status. */
export interface Observation {
  readonly app: string;
  readonly method: string;
  readonly path: string;
  readonly status: number;
}

/** Speaks HTTP and remembers every kind of answer, so that the OpenAPI documents can be held against what really came. */
export class RecordingClient extends HttpClient {
  constructor(
    readonly app: string,
    url: string,
    private readonly seen: Observation[],
  ) {
    super(url);
  }

  override async send(method: string, path: string, content?: HttpContent): Promise<HttpAnswer> {
    const answer = await super.send(method, path, content);
    this.seen.push({ app: this.app, method, path: path.split('?')[0]!, status: answer.status });
    return answer;
  }
}
