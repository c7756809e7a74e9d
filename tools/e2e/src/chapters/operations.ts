import { APPS } from '@chronicle/tool-system';
import { json } from '../answers.js';
import { place } from '../orders.js';
import { shared } from '../system-under-test.js';

/** Health and metrics of every app. */
export function operations(): void {
  describe.each(APPS.map(({ name }) => name))('%s', (app) => {
    it('is alive and ready', async () => {
      json(await shared().client(app).get('/health/live'));
      json(await shared().client(app).get('/health/ready'));
    });

    it('has metrics that Prometheus can read', async () => {
      const answer = await shared().client(app).get('/metrics');
      expect([answer.status, answer.headers['content-type']]).toEqual([200, expect.stringContaining('text/plain')]);
      for (const line of answer.text.split('\n')) {
        expect(line).toMatch(/^$|^# (HELP|TYPE) \S+|^[a-zA-Z_:][\w:]*(\{.*\})? (-?[\d.]+(e[+-]?\d+)?|NaN|[+-]Inf)$/i);
      }
    });

    it('has a page to try its routes at', async () => {
      const answer = await shared().client(app).get('/docs');
      expect([answer.status, answer.headers['content-type']]).toEqual([200, expect.stringContaining('text/html')]);
    });
  });

  it('metrics count what is asked', async () => {
    const count = async () => {
      const { text } = await shared().commands.get('/metrics');
      const lines = text
        .split('\n')
        .filter((line) => /^http_requests_total\{.*route="\/v1\/orders".*status="201"/.test(line));
      return Number(lines[0]?.split(' ').at(-1) ?? 0);
    };
    const before = await count();
    await place();
    expect(await count()).toBe(before + 1);
  });
}
