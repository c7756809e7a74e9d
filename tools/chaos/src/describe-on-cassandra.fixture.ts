import { whyNoCassandra } from '@chronicle/tool-servers';

/**
 * Describes what starts a Cassandra of its own. Where that cannot be it is skipped, and says so; with `CI=true` nothing may be
 * skipped, and it fails.
 */
export async function describeOnCassandra(subject: string, suite: () => void): Promise<void> {
  const missing = await whyNoCassandra();
  if (missing !== undefined) console.warn(`SKIPPED: ${subject}. ${missing}`);
  (missing === undefined || process.env['CI'] === 'true' ? describe : describe.skip)(subject, suite);
}
