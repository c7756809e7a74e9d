import type { Model, Move } from '@chronicle/model-search';

/**
 * A model of the commit protocol, small enough to walk through every state it can reach: one aggregate, writers that append one
 * or two events an attempt, repairers that take any writer for dead at any time, commits and fences that stay in flight and are
 * carried out at any later time or never. Stopping is being killed: a state in which a process does nothing more is reached too.
 */

/** A mistake that is planted in the protocol; `none`: as it is. */
export type Plant =
  | 'none'
  | 'intent before load'
  | 'no fence'
  | 'one intent key per writer'
  | 'intent without its count'
  | 'unknown outcome settled by a read';

export interface ModelBounds {
  /** For each writer the numbers of events of its attempts, one after another. */
  readonly writers: readonly (readonly number[])[];
  /** How many repairs may be begun, all at once if need be. */
  readonly repairs: number;
}

interface Intent {
  readonly key: number;
  /** Number of the attempt. */
  readonly attempt: number;
  readonly version: number;
}

/** A conditional write that was sent: the commit of an attempt, or (attempt −1) a raise of the fence. */
interface Request {
  /** −1: nobody waits for its outcome any more. */
  readonly sender: number;
  readonly attempt: number;
  readonly version: number;
  readonly fence: number;
}

/** Where a writer is in its attempt. */
const IDLE = 0;
const INTENT_FIRST = 1;
const LOADED = 2;
const INTENDED = 3;
const SENT = 4;
const UNKNOWN = 5;
const FENCING = 6;
const FENCE_SENT = 7;
const COMMITTED = 8;
const PUBLISHED = 9;
const DENIED = 10;
const ENDED = 11;

interface Writer {
  readonly at: number;
  /** Index of its attempt. */
  readonly turn: number;
  readonly version: number;
  readonly fence: number;
}

const USES_FENCE = new Set([LOADED, INTENDED, SENT, FENCING, FENCE_SENT]);

/** The fence as it is now, and as it was before somebody raised it. */
const STANDS = 0;
const RAISED = -1;

/** Where a repairer is with its intent; the numbers of a writer are used again where they mean the same. */
const TAKEN = 1;
const READ = 2;
const REPAIRED = 3;

interface Repairer {
  readonly at: number;
  readonly key: number;
  readonly attempt: number;
  readonly version: number;
  readonly seenVersion: number;
  readonly seenFence: number;
}

interface World {
  /** The attempt that each event is of. */
  readonly events: readonly number[];
  readonly fence: number;
  /** Bit n: event n + 1 is in the change log. */
  readonly published: number;
  readonly intents: readonly Intent[];
  readonly requests: readonly Request[];
  readonly writers: readonly Writer[];
  readonly repairers: readonly Repairer[];
  /** Attempts of which was said that they have not committed and never will. */
  readonly denied: number;
}

const ATTEMPTS_OF_WRITER = 8;
const FENCE = -1;
const NOBODY = -1;

/** The protocol as it is, or with a mistake planted. A loss or a lie is a violation. */
export class ProtocolModel implements Model<World> {
  readonly #plant: Plant;
  readonly #bounds: ModelBounds;

  constructor(plant: Plant, bounds: ModelBounds) {
    this.#plant = plant;
    this.#bounds = bounds;
  }

  first(): World {
    return {
      events: [],
      fence: 0,
      published: 0,
      intents: [],
      requests: [],
      writers: this.#bounds.writers.map(() => ({ at: IDLE, turn: 0, version: 0, fence: 0 })),
      repairers: Array.from({ length: this.#bounds.repairs }, () => NOTHING_TAKEN),
      denied: 0,
    };
  }

  /**
   * An event is lost when it is in no change log and no intent stands there that leads to it: its writer may be dead. A lie is an
   * event of an attempt of which was said that it will never commit.
   */
  violation({ events, published, intents, denied }: World): string | undefined {
    for (const [index, attempt] of events.entries()) {
      if (denied & (1 << attempt)) return `event ${index + 1} of a denied attempt is stored`;
      if (published & (1 << index)) continue;
      const covered = intents.some((i) => i.version <= index && index < i.version + this.#eventsOf(i.attempt));
      if (!covered) return `event ${index + 1} is stored, not published, and nobody will be led to it`;
    }
    return undefined;
  }

  /**
   * The same world without what can make no difference any more: requests that can never apply and nobody waits for, denials of
   * attempts that can never commit, equal requests, and how high the fence is: all that counts is whether one that was seen still
   * stands. It makes the number of states finite.
   */
  #reduced(world: World): World {
    const alive = world.requests.filter((request) => request.sender !== NOBODY || this.#canApply(world, request));
    const requests = withoutRepeats(alive);
    let denied = 0;
    for (const { attempt } of requests) if (attempt !== FENCE) denied |= world.denied & (1 << attempt);
    for (const attempt of world.events) denied |= world.denied & (1 << attempt);
    const seen = (fence: number) => (fence === world.fence ? STANDS : RAISED);
    return {
      ...world,
      fence: STANDS,
      denied,
      requests: requests.map((request) => ({ ...request, fence: seen(request.fence) })),
      writers: world.writers.map((writer) => ({
        ...writer,
        fence: USES_FENCE.has(writer.at) ? seen(writer.fence) : STANDS,
      })),
      repairers: world.repairers.map((repairer) => ({
        ...repairer,
        seenVersion: repairer.at === READ || repairer.at === FENCE_SENT ? repairer.seenVersion : 0,
        seenFence: repairer.at === READ || repairer.at === FENCE_SENT ? seen(repairer.seenFence) : STANDS,
      })),
    };
  }

  /** Versions and fences only grow. */
  #canApply({ events, fence }: World, request: Request): boolean {
    if (request.version !== events.length) return request.version > events.length;
    return this.#plant === 'no fence' || request.fence === fence;
  }

  keyOf(world: World): string {
    const { events, fence, published, intents, requests, writers, repairers, denied } = world;
    let key = `${events.join(',')}|${fence}|${published}|${denied}`;
    for (const { key: intentKey, attempt, version } of intents) key += `|i${intentKey},${attempt},${version}`;
    for (const { sender, attempt, version, fence: f } of requests) key += `|r${sender},${attempt},${version},${f}`;
    for (const { at, turn, version, fence: f } of writers) key += `|w${at},${turn},${version},${f}`;
    for (const r of repairers) key += `|p${r.at},${r.key},${r.attempt},${r.version},${r.seenVersion},${r.seenFence}`;
    return key;
  }

  *moves(world: World): Generator<Move<World>> {
    for (const { name, to } of this.#moves(world)) yield { name, to: this.#reduced(to) };
  }

  *#moves(world: World): Generator<Move<World>> {
    for (const [index, writer] of world.writers.entries()) yield* this.#writerMoves(world, writer, index);
    for (const [index, repairer] of world.repairers.entries()) yield* this.#repairerMoves(world, repairer, index);
    for (const request of world.requests) yield* this.#requestMoves(world, request);
  }

  *#writerMoves(world: World, writer: Writer, index: number): Generator<Move<World>> {
    const name = (what: string) => `writer ${index}: ${what}`;
    const now = (change: Partial<Writer>, others: Partial<World> = {}) => withWriter(world, index, change, others);
    const attempt = index * ATTEMPTS_OF_WRITER + writer.turn;
    const intent = (version: number): Partial<World> => ({
      intents: withIntent(world.intents, { key: this.#keyOf(index, attempt), attempt, version }),
    });
    const loaded = { at: LOADED, version: world.events.length, fence: world.fence };
    const sends = (what: number) => ({
      requests: [...world.requests, { sender: index, attempt: what, version: writer.version, fence: writer.fence }],
    });
    switch (writer.at) {
      case IDLE:
        if (this.#plant === 'intent before load') {
          yield { name: name('writes the intent'), to: now({ at: INTENT_FIRST }, intent(world.events.length)) };
        } else yield { name: name('loads'), to: now(loaded) };
        return;
      case INTENT_FIRST:
        yield { name: name('loads'), to: now({ ...loaded, at: INTENDED }) };
        return;
      case LOADED:
        yield { name: name('writes the intent'), to: now({ at: INTENDED }, intent(writer.version)) };
        return;
      case INTENDED:
        yield { name: name('sends the commit'), to: now({ at: SENT }, sends(attempt)) };
        return;
      case SENT:
        yield { name: name('does not learn the outcome'), to: now({ at: UNKNOWN }, forsaken(world, index)) };
        return;
      case UNKNOWN:
        yield { name: name('reads what became of it'), to: now(this.#settled(world, writer, attempt)) };
        return;
      case FENCING:
        yield { name: name('sends its fence'), to: now({ at: FENCE_SENT }, sends(FENCE)) };
        return;
      case FENCE_SENT:
        yield { name: name('does not learn of its fence'), to: now({ at: UNKNOWN }, forsaken(world, index)) };
        return;
      case COMMITTED:
        yield {
          name: name('publishes'),
          to: now({ at: PUBLISHED }, { published: world.published | bits(writer.version, this.#eventsOf(attempt)) }),
        };
        return;
      case PUBLISHED:
      case DENIED:
        yield {
          name: name('deletes its intent'),
          to: now(this.#nextTurn(writer, index), {
            intents: world.intents.filter(({ key }) => key !== this.#keyOf(index, attempt)),
            denied: writer.at === DENIED ? world.denied | (1 << attempt) : world.denied,
          }),
        };
    }
  }

  #settled({ events, fence }: World, writer: Writer, attempt: number): Partial<Writer> {
    if (events.length > writer.version) return { at: events[writer.version] === attempt ? COMMITTED : DENIED };
    if (this.#plant === 'unknown outcome settled by a read') return { at: DENIED };
    if (this.#plant === 'no fence') return { at: UNKNOWN };
    return { at: FENCING, fence };
  }

  #nextTurn({ turn }: Writer, index: number): Partial<Writer> {
    const attempts = this.#bounds.writers[index]!.length;
    return { at: turn + 1 < attempts ? IDLE : ENDED, turn: turn + 1, version: 0, fence: 0 };
  }

  *#repairerMoves(world: World, repairer: Repairer, index: number): Generator<Move<World>> {
    const name = (what: string) => `repairer ${index}: ${what}`;
    const now = (change: Partial<Repairer>, others: Partial<World> = {}) => withRepairer(world, index, change, others);
    const sender = world.writers.length + index;
    if (repairer.at === IDLE) {
      // Any intent, of a living writer too: a verdict may be false.
      for (const { key, attempt, version } of world.intents) {
        yield { name: name('takes an intent'), to: now({ at: TAKEN, key, attempt, version }) };
      }
      return;
    }
    if (repairer.at === TAKEN) {
      const seen = { seenVersion: world.events.length, seenFence: world.fence };
      yield { name: name('reads the aggregate'), to: now({ at: READ, ...seen }) };
      return;
    }
    if (repairer.at === READ) return yield* this.#finishOrForbid(world, repairer, index);
    if (repairer.at === FENCE_SENT) {
      yield { name: name('does not learn of its fence'), to: now({ at: TAKEN }, forsaken(world, sender)) };
      return;
    }
    if (repairer.at === REPAIRED) {
      yield {
        name: name('deletes the intent'),
        to: now({ ...NOTHING_TAKEN, at: ENDED }, { intents: world.intents.filter(({ key }) => key !== repairer.key) }),
      };
    }
  }

  *#finishOrForbid(world: World, repairer: Repairer, index: number): Generator<Move<World>> {
    const name = (what: string) => `repairer ${index}: ${what}`;
    const { version, seenVersion, seenFence } = repairer;
    if (seenVersion > version) {
      const count = this.#plant === 'intent without its count' ? 1 : this.#eventsOf(repairer.attempt);
      const published = world.published | bits(version, Math.min(count, seenVersion - version));
      yield { name: name('publishes'), to: withRepairer(world, index, { at: REPAIRED }, { published }) };
    } else if (this.#plant === 'no fence') {
      yield { name: name('finds nothing to do'), to: withRepairer(world, index, { at: REPAIRED }) };
    } else {
      const sender = world.writers.length + index;
      const request = { sender, attempt: FENCE, version: seenVersion, fence: seenFence };
      const requests = [...world.requests, request];
      yield { name: name('sends a fence'), to: withRepairer(world, index, { at: FENCE_SENT }, { requests }) };
    }
  }

  /** Carried out now. The sender learns of it if it still waits; that it does not is a move of its own. */
  *#requestMoves(world: World, request: Request): Generator<Move<World>> {
    const { sender, attempt, version, fence } = request;
    const isFence = attempt === FENCE;
    const checksFence = this.#plant !== 'no fence';
    const applied = world.events.length === version && (!checksFence || world.fence === fence);
    const carriedOut: World = {
      ...world,
      requests: world.requests.filter((other) => other !== request),
      ...(applied && isFence && { fence: world.fence + 1 }),
      ...(applied &&
        !isFence && { events: [...world.events, ...Array<number>(this.#eventsOf(attempt)).fill(attempt)] }),
    };
    const what = `${isFence ? 'fence' : 'commit'} ${applied ? 'applies' : 'is refused'}`;
    const late = sender === NOBODY;
    yield { name: `${late ? 'late ' : ''}${what}`, to: late ? carriedOut : learns(carriedOut, request, applied) };
  }

  #eventsOf(attempt: number): number {
    return this.#bounds.writers[Math.floor(attempt / ATTEMPTS_OF_WRITER)]![attempt % ATTEMPTS_OF_WRITER]!;
  }

  #keyOf(writer: number, attempt: number): number {
    return this.#plant === 'one intent key per writer' ? writer : attempt;
  }
}

const NOTHING_TAKEN: Repairer = { at: IDLE, key: 0, attempt: 0, version: 0, seenVersion: 0, seenFence: 0 };

/** In an order of their own: which was sent first makes no difference. */
function withoutRepeats(requests: readonly Request[]): readonly Request[] {
  if (requests.length < 2) return requests;
  const place = ({ sender, attempt, version, fence }: Request) => `${sender},${attempt},${version},${fence}`;
  const distinct = new Map(requests.map((request) => [place(request), request]));
  return [...distinct.keys()].sort().map((key) => distinct.get(key)!);
}

function forsaken({ requests }: World, sender: number): Partial<World> {
  return {
    requests: requests.map((request) => (request.sender === sender ? { ...request, sender: NOBODY } : request)),
  };
}

function learns(world: World, { sender, attempt }: Request, applied: boolean): World {
  if (sender >= world.writers.length) {
    return withRepairer(world, sender - world.writers.length, { at: applied ? REPAIRED : TAKEN });
  }
  if (attempt === FENCE) return withWriter(world, sender, { at: applied ? DENIED : UNKNOWN });
  return withWriter(world, sender, { at: applied ? COMMITTED : DENIED });
}

function withWriter(world: World, index: number, change: Partial<Writer>, others: Partial<World> = {}): World {
  return { ...world, ...others, writers: world.writers.map((w, at) => (at === index ? { ...w, ...change } : w)) };
}

function withRepairer(world: World, index: number, change: Partial<Repairer>, others: Partial<World> = {}): World {
  return { ...world, ...others, repairers: world.repairers.map((r, at) => (at === index ? { ...r, ...change } : r)) };
}

function withIntent(intents: readonly Intent[], intent: Intent): Intent[] {
  return [...intents.filter(({ key }) => key !== intent.key), intent].sort((left, right) => left.key - right.key);
}

/** The bits of `count` events after `version`. */
function bits(version: number, count: number): number {
  return ((1 << count) - 1) << version;
}
