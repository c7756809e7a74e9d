import { isBehind } from '@chronicle/change-feed-cql';
import type { EngineConfig } from '@chronicle/engine';

/** What may become of the checkpoint of a bucket. */
export interface CheckpointRule {
  /** Has a checkpoint come less far than another one of its bucket? */
  readonly isBehind: (checkpoint: string, other: string) => boolean;
  /** The next owner of the bucket must not be behind either. */
  readonly growsForEver: boolean;
}

/** Checkpoints are positions in one log, and a new owner begins at the stored one. */
const EMBEDDED: CheckpointRule = {
  isBehind: (checkpoint, other) => Number(checkpoint) < Number(other),
  growsForEver: true,
};

/** A deposed owner may still save one after its heir has read where to begin. The heir's next one wins, and may be behind it. */
const CLUSTER: CheckpointRule = { isBehind, growsForEver: false };

export function checkpointRuleOf({ engine }: Pick<EngineConfig, 'engine'>): CheckpointRule {
  return engine === 'embedded' ? EMBEDDED : CLUSTER;
}
