import type { OrderCommand, Outcome } from '@chronicle/tool-system';

/** What came of sending a command once. */
export interface Attempt {
  readonly outcome: Outcome;
  /** Null when no answer came. */
  readonly status: number | null;
  readonly code: string | null;
  /** The version that it was told to have led to. */
  readonly version: number | null;
  /** An accepted attempt's whole answer: what a repeat with the same key must get again. */
  readonly answer: string | null;
  /** Made when nothing else was under way: who is refused then was never carried out, and never will be. */
  readonly atRest: boolean;
  /** On the monotonic clock. */
  readonly sentAtMs: number;
  /** Until the answer came, or its client gave up. */
  readonly tookMs: number;
  /** Its client meant to hang up. */
  readonly impatient: boolean;
}

/** How clients were served for a while. */
export interface ServiceLevel {
  /** Of patient clients. */
  readonly attempts: number;
  /** Accepted, or refused for a reason of the order's: the others were told to come again, or nothing. */
  readonly answered: number;
  /** Of the answered. */
  readonly slowestMs: number;
}

/** One command as its sender knows it: sent once without a key, or, with one, until its outcome is known. */
export interface SentCommand {
  /** Sent as `X-Causation-Id`, so that the event that came of it can be told, whatever the client heard. */
  readonly causationId: string;
  readonly command: OrderCommand;
  readonly key: string | null;
  readonly ifMatch: number | null;
  /** Null until the server, which chose it, has told it. */
  orderId: string | null;
  readonly attempts: Attempt[];
}

/** What a sender knows of a command in the end: accepted once is `ok`; `refused` only when every attempt certainly was. */
export function outcomeOf({ attempts }: SentCommand): Outcome {
  if (attempts.some(({ outcome }) => outcome === 'ok')) return 'ok';
  return attempts.every(({ outcome }) => outcome === 'refused') ? 'refused' : 'unknown';
}

/** Every command of all clients of a run. */
export class ClientJournal {
  readonly commands: SentCommand[] = [];

  open(sent: Omit<SentCommand, 'orderId' | 'attempts'>): SentCommand {
    const opened = { ...sent, orderId: sent.command.orderId ?? null, attempts: [] };
    this.commands.push(opened);
    return opened;
  }

  /** How attempts fared that were sent from one time to another, on the monotonic clock. */
  served(fromMs: number, toMs: number): ServiceLevel {
    const attempts = this.commands
      .flatMap((sent) => sent.attempts)
      .filter(({ sentAtMs, impatient }) => sentAtMs >= fromMs && sentAtMs < toMs && !impatient);
    const answered = attempts.filter(({ status }) => status !== null && status < 500);
    const slowestMs = answered.reduce((slowest, { tookMs }) => Math.max(slowest, tookMs), 0);
    return { attempts: attempts.length, answered: answered.length, slowestMs: Math.round(slowestMs) };
  }

  /** How many commands came out how, and how many attempts were made. */
  counts(): Record<Outcome | 'attempts', number> {
    const counts = { ok: 0, refused: 0, unknown: 0, attempts: 0 };
    for (const sent of this.commands) {
      counts[outcomeOf(sent)] += 1;
      counts.attempts += sent.attempts.length;
    }
    return counts;
  }
}
