/** Whether an app can do its work, in words when it cannot. */
export type Readiness = { readonly ready: true } | { readonly ready: false; readonly reason: string };

/** An app that is starting answers late or not at all; this is how long one question waits. */
const QUESTION_TIMEOUT_MS = 2000;

/** Asks `GET /health/ready`. Never rejects: whatever goes wrong is a reason for not being ready. */
export async function askReadiness(url: string): Promise<Readiness> {
  try {
    const answer = await fetch(`${url}/health/ready`, { signal: AbortSignal.timeout(QUESTION_TIMEOUT_MS) });
    const text = await answer.text();
    return answer.status === 200 ? { ready: true } : { ready: false, reason: describe(answer.status, text) };
  } catch (error) {
    const cause = (error as Error).cause as NodeJS.ErrnoException | undefined;
    return { ready: false, reason: cause?.code === 'ECONNREFUSED' ? 'not listening yet' : String(cause ?? error) };
  }
}

const REASON_LENGTH_MAX = 200;

function describe(status: number, body: string): string {
  const text = body.replaceAll(/\s+/g, ' ').trim();
  return `answers ${status}: ${text.length > REASON_LENGTH_MAX ? `${text.slice(0, REASON_LENGTH_MAX)}…` : text}`;
}
