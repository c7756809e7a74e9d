import { CqlUnknownOutcomeError } from '@chronicle/cql';
import { StoreUnavailableError } from '@chronicle/event-sourcing-core';
import type { Line, Request } from '../database/in-memory-cql-port.js';
import type { Chance } from './chance.js';
import type { SimulatedProcess } from './simulated-process.js';
import type { SimulatedTime } from './simulated-time.js';
import type { Trace } from './trace.js';

/** How often what happens to a request, each from 0 to 1; what is left is an answer in time. */
export interface Trouble {
  /** Certainly not carried out, and the sender is told so. */
  readonly refused: number;
  /** Never carried out; the sender of a write does not learn it. */
  readonly lost: number;
  /** Carried out; the sender of a write does not learn it. */
  readonly replyLost: number;
  /** Waits in its node, and is carried out long after its sender was told that nobody knows. */
  readonly late: number;
  /** Takes long, but is answered. */
  readonly slow: number;
}

export const NO_TROUBLE: Trouble = { refused: 0, lost: 0, replyLost: 0, late: 0, slow: 0 };

/** What a way may take, in ms: mostly little. */
const USUAL_WAYS_MS = [0.3, 0.5, 1, 1, 2, 4];
const SLOW_WAYS_MS = [50, 300, 900, 2_500];
/** A driver's patience, shortened: then the outcome is unknown. */
const TIMEOUT_MS = 3_000;
const LATE_MOST_MS = 6_000;
const BUSY_MOST_MS = 900;

/** The network and the nodes' queues between the processes and the cluster. */
export class Network {
  /** Applies to requests from now on. */
  trouble: Trouble = NO_TROUBLE;
  /** A node that takes long to carry out what it has stamped. */
  busyNode: number | undefined;
  /** Whom no request leaves, and until when. */
  readonly #cutUntil = new Map<SimulatedProcess, number>();
  #writesUnderWay = 0;

  constructor(
    private readonly time: SimulatedTime,
    private readonly chance: Chance,
    private readonly nodes: number,
    private readonly trace: Trace,
  ) {}

  /** Writes that will still be carried out, whether somebody waits for them or not. */
  get writesUnderWay(): number {
    return this.#writesUnderWay;
  }

  /** Refuses everything that a process sends for a while. */
  cut(process: SimulatedProcess, ms: number): void {
    this.trace(() => `${process.name} is cut off`);
    this.#cutUntil.set(process, this.time.elapsed + ms);
  }

  /** From now on nothing is lost or slow. */
  calm(): void {
    this.trouble = NO_TROUBLE;
    this.busyNode = undefined;
    this.#cutUntil.clear();
  }

  lineOf(process: SimulatedProcess): Line {
    return { carry: (request) => this.#carry(process, request) };
  }

  #carry<Result>(process: SimulatedProcess, request: Request<Result>): Promise<Result> {
    return new Promise((resolve, reject) => {
      const fate = this.#fateOf(process);
      this.trace(() => `${process.name} sends ${described(request)}${fate === 'usual' ? '' : ` (${fate})`}`);
      const node =
        request.host === undefined ? this.chance.whole(0, this.nodes - 1) : Number(request.host.split(':')[0]);
      const wayMs = () => this.chance.oneOf(USUAL_WAYS_MS) * this.chance.between(0.5, 1.5);
      const slowMs = () => this.chance.oneOf(SLOW_WAYS_MS) * this.chance.between(0.5, 1.5);
      const inNodeMs = () => (node === this.busyNode ? this.chance.between(0, BUSY_MOST_MS) : wayMs() / 4);
      const answer = (result: Result) => process.deliver(() => resolve(result));
      const fail = (delayMs: number, error: Error) =>
        this.time.schedule(delayMs, () => process.deliver(() => reject(error)));
      const unknown = (delayMs: number) => fail(delayMs, lostError(request));
      /** Comes to a node after one way and is carried out after another; then `after` goes on. */
      const carryOut = (toNodeMs: number, inNodeMs: number, after: (result: Result) => void) => {
        const writes = request.kind === 'read' ? 0 : 1;
        this.#writesUnderWay += writes;
        this.time.schedule(toNodeMs, () => {
          const apply = request.receive(node);
          this.time.schedule(inNodeMs, () => {
            const result = apply();
            this.#writesUnderWay -= writes;
            this.trace(() => `  ${process.name}'s ${described(request)} is carried out${outcomeOf(result)}`);
            after(result);
          });
        });
      };
      switch (fate) {
        case 'usual':
          return carryOut(wayMs(), inNodeMs(), (result) => this.time.schedule(wayMs(), () => answer(result)));
        case 'slow': {
          const ways = [wayMs(), wayMs() / 4, wayMs()];
          ways[this.chance.whole(0, 2)] = slowMs();
          const [toNodeMs, inNodeMs, backMs] = ways as [number, number, number];
          return carryOut(toNodeMs, inNodeMs, (result) => this.time.schedule(backMs, () => answer(result)));
        }
        case 'refused':
          return fail(wayMs(), new StoreUnavailableError('the node refused the request'));
        case 'lost':
          return unknown(this.chance.is(0.5) ? wayMs() : TIMEOUT_MS);
        case 'replyLost':
          unknown(this.chance.is(0.5) ? 3 * wayMs() : TIMEOUT_MS);
          return carryOut(wayMs(), wayMs() / 4, () => undefined);
        case 'late': {
          if (request.kind === 'read') return unknown(TIMEOUT_MS);
          const patienceMs = this.chance.is(0.5) ? 3 * wayMs() : TIMEOUT_MS;
          const lateMs = patienceMs + this.chance.between(0, 1) ** 2 * LATE_MOST_MS;
          const arrivesMs = request.kind === 'write' ? wayMs() : lateMs;
          unknown(patienceMs);
          return carryOut(arrivesMs, lateMs - arrivesMs, () => undefined);
        }
      }
    });
  }

  #fateOf(process: SimulatedProcess): keyof Trouble | 'usual' {
    if ((this.#cutUntil.get(process) ?? 0) > this.time.elapsed) return 'refused';
    const { refused, lost, replyLost, late, slow } = this.trouble;
    let dice = this.chance.entropy.fraction();
    for (const [fate, probability] of Object.entries({ refused, lost, replyLost, late, slow })) {
      dice -= probability;
      if (dice < 0) return fate as keyof Trouble;
    }
    return 'usual';
  }
}

function lostError({ kind }: Request<unknown>): Error {
  return kind === 'read'
    ? new StoreUnavailableError('read: no answer came')
    : new CqlUnknownOutcomeError(`${kind}: no answer came`);
}

function described({ statements }: Request<unknown>): string {
  const [first] = statements;
  const more = statements.length > 1 ? ` and ${statements.length - 1} more` : '';
  return `${first!.statement.name}(${first!.values.map(shown).join(', ')})${more}`;
}

function outcomeOf(result: unknown): string {
  if (typeof result !== 'object' || result === null) return '';
  if ('applied' in result) return result.applied ? ': applied' : ': not applied';
  return 'rows' in result ? `: ${(result.rows as readonly unknown[]).length} rows` : '';
}

const SHOWN_CHARACTERS_MAX = 24;

function shown(value: unknown): string {
  if (value instanceof Uint8Array) return `0x${Buffer.from(value).toString('hex').slice(0, 8)}…`;
  if (value instanceof Set || value instanceof Map || Array.isArray(value)) return '{…}';
  const text = String(value);
  return text.length > SHOWN_CHARACTERS_MAX ? `…${text.slice(-12)}` : text;
}
