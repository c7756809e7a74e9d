import type { Row } from '@chronicle/projection-core';
import type { Clock } from '@chronicle/seams';
import type { CheckedSystem } from './checked-system.js';
import { Findings } from './difference.js';
import { NOTHING, rowDigest } from './digest.js';
import type { StepProgress } from './progress.js';
import { AGGREGATE_COLUMN, RowExamination } from './row-examination.js';
import { settle } from './settle.js';
import type { Survey } from './survey.js';

export interface ReadModelCheck {
  readonly system: CheckedSystem;
  readonly survey: Survey;
  /** Which of the system's read models. */
  readonly index: number;
  readonly clock: Clock;
  /** On the monotonic clock: how long the read model's group is given to come as far as the survey. */
  readonly deadline: number;
  readonly progress: StepProgress;
}

/**
 * Read model = fold of the event store, row by row, field by field, no row more. One scan of the table compares every row with
 * the digest of the expected one; the aggregate of a row that does not match, and of a row that was not met, is examined exactly.
 */
export async function checkReadModel(check: ReadModelCheck): Promise<Findings> {
  const findings = new Findings();
  const { survey, index } = check;
  let scanned = 0;
  for await (const page of check.system.readModels[index]!.reader.scan()) {
    const strangers = new Map<string, Row[]>();
    for (const row of page) {
      if (recognise(row, check)) continue;
      const aggregateId = String(row[AGGREGATE_COLUMN]);
      strangers.set(aggregateId, [...(strangers.get(aggregateId) ?? []), row]);
    }
    await settleRows(strangers.keys(), strangers, check, findings);
    if (findings.full) return findings;
    scanned += page.length;
    check.progress(scanned, Math.max(scanned, survey.aggregates.size));
  }
  await settleRows(survey.rowsLeft(index), new Map(), check, findings);
  return findings;
}

/** Is this the row that the survey expects? If so, its aggregate is done. */
function recognise(row: Row, { system, survey, index }: ReadModelCheck): boolean {
  const aggregate = survey.aggregates.find(String(row[AGGREGATE_COLUMN]));
  if (aggregate === undefined) return false;
  const expected = survey.rows[index]!;
  if (expected.get(aggregate) !== rowDigest(system.readModels[index]!.projection.table, row)) return false;
  expected.set(aggregate, NOTHING);
  return true;
}

async function settleRows(
  aggregateIds: Iterable<string>,
  strangers: ReadonlyMap<string, readonly Row[]>,
  { system, survey, index, clock, deadline }: ReadModelCheck,
  findings: Findings,
): Promise<void> {
  const model = system.readModels[index]!;
  const examination = new RowExamination(model, system, clock, strangers);
  await settle(aggregateIds, {
    progress: model.progress,
    requiredVersion: (aggregateId) => survey.version(aggregateId),
    examine: async (aggregateId, position) => {
      const differences = await examination.examine(aggregateId, survey.version(aggregateId), position);
      const aggregate = survey.aggregates.find(aggregateId);
      if (aggregate !== undefined) survey.rows[index]!.set(aggregate, NOTHING);
      return differences;
    },
    findings,
    clock,
    deadline,
  });
}
