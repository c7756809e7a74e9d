import type { Append, AppendOutcome } from '@chronicle/event-sourcing-core';
import type { CommittedEvents } from './committed-events.js';

/** One call of `append`: a command may be sent several times, each time with drafts of its own. */
export interface Sending {
  readonly append: Append;
  /** Of the aggregate, when it was sent. */
  readonly versionBefore: number;
  /** `failed`: certainly nothing was appended. Undefined: no answer has come, or none that says anything. */
  answer: AppendOutcome | { readonly outcome: 'failed' } | undefined;
}

/** What clients have sent and what they were told. */
export class CommandJournal {
  readonly #sendings: Sending[] = [];

  send(append: Append, versionBefore: number): Sending {
    const sending: Sending = { append, versionBefore, answer: undefined };
    this.#sendings.push(sending);
    return sending;
  }

  /** The newest version of an aggregate that a client was told of. */
  toldVersion(aggregateId: string): number {
    const told = this.#sendings.map(({ append, answer }) =>
      append.aggregateId === aggregateId && answer?.outcome === 'appended' ? answer.lastSequence : 0,
    );
    return Math.max(0, ...told);
  }

  /** What is wrong with the answers, given what was committed. */
  findings(committed: CommittedEvents): string[] {
    return [...this.#sendings.flatMap((sending) => this.#aboutOne(sending, committed)), ...this.#aboutKeys(committed)];
  }

  #aboutOne({ append, answer, versionBefore }: Sending, committed: CommittedEvents): string[] {
    const { aggregateId, events, command } = append;
    const ids = events.map(({ eventId }) => eventId);
    const stored = committed.idsOf(aggregateId);
    switch (answer?.outcome) {
      case 'appended': {
        const found = stored.slice(answer.firstSequence - 1, answer.lastSequence);
        if (found.join() === ids.join()) return [];
        return [`${command.key} was told ${answer.firstSequence}–${answer.lastSequence}, but other events stand there`];
      }
      case 'failed':
        return ids.some((id) => stored.includes(id))
          ? [`${command.key} was told that it failed, but it is stored`]
          : [];
      case 'conflict': {
        if (ids.some((id) => stored.includes(id))) return [`${command.key} was told of a conflict, but it is stored`];
        if (answer.actualVersion >= versionBefore) return [];
        return [
          `${command.key} was refused because of version ${answer.actualVersion}, but the aggregate was at ${versionBefore}`,
        ];
      }
      default:
        return [];
    }
  }

  /** The sendings of one command: at most one of them is stored, and all answers about it are the same. */
  #aboutKeys(committed: CommittedEvents): string[] {
    const keys = new Set(this.#sendings.map(({ append }) => append.command.key));
    return [...keys].flatMap((key) => {
      const sendings = this.#sendings.filter(({ append }) => append.command.key === key);
      const stored = sendings.filter(({ append }) =>
        committed.idsOf(append.aggregateId).includes(append.events[0]!.eventId),
      );
      const answers = new Set(sendings.flatMap(({ answer }) => placeIn(answer)));
      return [
        ...(stored.length > 1 ? [`${key} is stored ${stored.length} times`] : []),
        ...(answers.size > 1 ? [`${key} got different answers: ${[...answers].join(', ')}`] : []),
        ...(answers.size > 0 && stored.length === 0 ? [`${key} was acknowledged, but is not stored`] : []),
      ];
    });
  }
}

function placeIn(answer: Sending['answer']): string[] {
  if (answer?.outcome === 'appended') return [`${answer.firstSequence}–${answer.lastSequence}`];
  if (answer?.outcome === 'remembered') return [`${answer.command.firstSequence}–${answer.command.lastSequence}`];
  return [];
}
