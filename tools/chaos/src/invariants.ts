import { systemClock } from '@chronicle/seams';
import { GRACE_MS, auditChains, verifySystem, withCheckedSystem } from '@chronicle/tool-cli';
import type { Difference, PartResult, SystemLocation } from '@chronicle/tool-cli';
import type { SentCommand } from './client-journal.js';
import { checkJournal } from './journal-check.js';
import type { GroupOwnership } from './ownership-sampler.js';
import { QUIET_MS_MAX } from './quiet.js';
import type { Rest } from './quiet.js';
import type { ShownVersions } from './version-sampler.js';

/** What was found of one promise. */
export interface InvariantResult {
  readonly number: number;
  readonly promise: string;
  /** What it was held against, in words with numbers. */
  readonly checked: string;
  /** Empty: it held. */
  readonly violations: readonly string[];
}

/** What a run has seen and heard. */
export interface Evidence {
  readonly location: SystemLocation;
  readonly commands: readonly SentCommand[];
  readonly versions: ShownVersions;
  readonly ownerships: readonly GroupOwnership[];
  /** Each time that the system was left alone. */
  readonly rests: readonly Rest[];
}

/** Holds a system at rest against all ten promises. Changes nothing. */
export async function checkInvariants(evidence: Evidence): Promise<readonly InvariantResult[]> {
  const { location, commands, versions, ownerships, rests } = evidence;
  return withCheckedSystem(location, async (system) => {
    const journal = await checkJournal(commands, system.events);
    const verified = await verifySystem(system, { clock: systemClock, graceMs: graceMsOf(location) });
    const audit = await auditChains(system.events);
    const [eventStore, changeLog, ...rest] = verified.parts;
    const readModels = rest.slice(0, system.readModels.length);
    const [topic] = rest.slice(system.readModels.length);
    const events = `${journal.events} events`;
    const seen = ownerships.reduce((sum, { samples }) => sum + samples, 0);
    const result = (number: number, promise: string, checked: string, violations: readonly string[]) => ({
      ...{ number, promise, checked, violations },
    });
    return [
      result(1, 'what clients were told is what is stored', `${commands.length} commands, ${events}`, journal.told),
      result(2, 'sequences have no gap', `${journal.aggregates} orders`, [
        ...journal.sequences,
        ...told([eventStore!]),
      ]),
      result(3, 'change log = event store', events, told([changeLog!])),
      result(4, 'each read model = fold of the event store', `${readModels.length} read models`, told(readModels)),
      result(5, 'no version goes back', `${versions.samples} versions shown`, versions.violations),
      result(6, 'every event published, first occurrences in order', events, told([topic!])),
      result(
        ...([7, 'one owner an epoch, checkpoints never go back', `${seen} looks at buckets`] as const),
        ownerships.flatMap(({ violations }) => violations),
      ),
      result(
        ...([8, `at rest within ${QUIET_MS_MAX / 1000} s, nothing parked`, restsTold(rests)] as const),
        rests.flatMap(({ complaints }) => complaints),
      ),
      result(9, 'one key, one answer', `${commands.filter(isRepeated).length} commands repeated`, journal.answers),
      result(
        ...([10, 'hash chains hold', `${audit.events} events`] as const),
        audit.breaks.map(
          ({ aggregateId, sequenceNumber, reason }) => `order ${aggregateId}, event ${sequenceNumber}: ${reason}`,
        ),
      ),
    ];
  });
}

/** What a command-service that died has left is brought into the log by another one, up to 15 s later; embedded nothing is left. */
function graceMsOf({ engine }: SystemLocation): number {
  return engine === 'embedded' ? 0 : GRACE_MS;
}

function isRepeated({ attempts }: SentCommand): boolean {
  return attempts.filter(({ outcome }) => outcome === 'ok').length > 1;
}

function restsTold(rests: readonly Rest[]): string {
  return `${rests.length} times: ${rests.map(({ afterMs }) => (afterMs === null ? 'never' : `${afterMs} ms`)).join(', ')}`;
}

function told(parts: readonly PartResult[]): readonly string[] {
  return parts.flatMap(({ differences }) => differences.map(describe));
}

function describe({ part, kind, aggregateId, sequenceNumber, fields, detail }: Difference): string {
  const differing = fields.map(({ field, expected, found }) => `${field}: expected ${expected}, found ${found}`);
  return [`${part}: ${kind}, order ${aggregateId}, event ${sequenceNumber}`, detail, ...differing]
    .filter(Boolean)
    .join('; ');
}
