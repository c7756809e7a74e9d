import type { Model, Move } from '@chronicle/model-search';

/**
 * A model of how the instances of a consumer group share buckets, small enough to walk through every state it can reach. An
 * instance does what it does in any order and at any pace, so it may also stand still like a paused one, or be killed. Anybody may
 * take anybody for dead at any time (`heartbeat-model.fixture.ts` is about when that may be), and lets go of its own buckets at any
 * time. Requests stay in flight and are carried out at any later time or never, and answers get lost. Who wants which bucket is
 * left open: every one is taken, asked for and given away at any time.
 */

/** A mistake that is planted in the rules; `none`: as they are. */
export type BucketPlant =
  | 'none'
  | 'goes on after a missed beat, and checkpoints without epoch'
  | 'takes without comparing'
  | 'takes without raising the epoch'
  | 'releases without comparing the epoch'
  | 'the heir goes on in the epoch it was given'
  | 'does not take anew what is its own'
  | 'writes positions in the order of arrival'
  | 'checkpoint before effect';

export interface BucketBounds {
  readonly instances: number;
  readonly buckets: number;
  /** Events in the log of each bucket, all there from the beginning. */
  readonly events: number;
  /** Nobody takes or gives away a bucket beyond this epoch. */
  readonly epochsMax: number;
  /** Requests that nobody waits for any more and that may still be carried out, at most, at a time. */
  readonly forsakenMax: number;
  readonly kills: number;
}

const NOBODY = -1;

interface Bucket {
  owner: number;
  epoch: number;
  heir: number;
  /** Events that have taken effect. */
  position: number;
  /** The checkpoint, and the epoch of whoever saved it. */
  saved: number;
  savedIn: number;
  /** Bit n: somebody has held it in epoch n. */
  heldIn: number;
}

interface Member {
  running: boolean;
  /** Of each bucket: the epoch in which it holds it (0: it does not), how far it has come, and how far it knows to be saved. */
  held: number[];
  at: number[];
  safe: number[];
}

type Kind = 'take' | 'release' | 'effect' | 'checkpoint';
const KINDS: readonly Kind[] = ['take', 'release', 'effect', 'checkpoint'];

interface Request {
  readonly kind: Kind;
  readonly by: number;
  awaited: boolean;
  readonly bucket: number;
  /** Of a take: that of the row it was decided on. */
  readonly epoch: number;
  /** Of a take: the owner to be replaced; of a release: the heir. */
  readonly other: number;
  /** Of effects and checkpoints. */
  readonly place: number;
}

interface World {
  kills: number;
  buckets: Bucket[];
  members: Member[];
  requests: Request[];
}

/** The group as it is, or with a mistake planted. */
export class BucketModel implements Model<World> {
  constructor(
    private readonly plant: BucketPlant,
    private readonly bounds: BucketBounds,
  ) {}

  first(): World {
    const { instances, buckets, kills } = this.bounds;
    const bucket = { owner: NOBODY, epoch: 0, heir: NOBODY, position: 0, saved: 0, savedIn: 0, heldIn: 0 };
    const zeros = (length: number) => Array<number>(length).fill(0);
    return {
      kills,
      buckets: Array.from({ length: buckets }, () => ({ ...bucket })),
      members: Array.from({ length: instances }, () => ({
        running: true,
        held: zeros(buckets),
        at: zeros(buckets),
        safe: zeros(buckets),
      })),
      requests: [],
    };
  }

  keyOf({ kills, buckets, members, requests }: World): string {
    const numbers = [kills];
    for (const { owner, epoch, heir, position, saved, savedIn, heldIn } of buckets)
      numbers.push(owner, epoch, heir, position, saved, savedIn, heldIn);
    for (const { running, held, at, safe } of members) numbers.push(+running, ...held, ...at, ...safe);
    for (const request of requests) numbers.push(...numbersOf(request));
    return String.fromCharCode(...numbers.map((number) => number + 1));
  }

  violation(world: World): string | undefined {
    for (const [bucket, { saved, position }] of world.buckets.entries())
      if (saved > position) return `the checkpoint of bucket ${bucket} is past an event that has had no effect`;
    return this.#neglected(world);
  }

  *moves(world: World): Generator<Move<World>> {
    for (const move of this.#moves(world)) {
      const { requests } = move.to;
      const alive = requests.filter((request) => request.awaited || this.#mayApply(move.to, request));
      if (alive.filter(({ awaited }) => !awaited).length > this.bounds.forsakenMax) continue;
      move.to.requests = withoutRepeats(alive);
      yield move;
    }
  }

  *#moves(world: World): Generator<Move<World>> {
    for (const [index, member] of world.members.entries()) {
      if (!member.running) continue;
      if (world.kills > 0) yield { name: `instance ${index} is killed`, to: changed(world, (to) => kill(to, index)) };
      yield* this.#looks(world, index);
      yield* this.#workMoves(world, index);
    }
    for (const index of world.requests.keys()) yield* this.#requestMoves(world, index);
  }

  /** Looks at the group, and does at most one thing about what it has seen. That may be carried out much later. */
  *#looks(world: World, index: number): Generator<Move<World>> {
    const name = (what: string) => `instance ${index} looks${what}`;
    const seen = copyOf(world);
    yield { name: name(''), to: seen, harm: this.#see(seen, index) };
    const me = seen.members[index]!;
    const busy = seen.requests.some((request) => request.by === index && request.awaited && isCoordination(request));
    for (const [bucket, { owner, epoch, heir }] of seen.buckets.entries()) {
      const held = me.held[bucket]!;
      if (held !== 0 && this.plant !== 'goes on after a missed beat, and checkpoints without epoch')
        yield { name: name(' and lets go'), to: changed(seen, (to) => letGo(to.members[index]!, bucket)) };
      if (owner !== NOBODY && owner !== index && heir === NOBODY)
        yield { name: name(' and asks for a bucket'), to: changed(seen, (to) => (to.buckets[bucket]!.heir = index)) };
      if (busy || epoch >= this.bounds.epochsMax) continue;
      const own = owner === index && held === 0 && this.plant !== 'does not take anew what is its own';
      if (own || owner !== index) {
        const request: Request = { kind: 'take', by: index, awaited: true, bucket, epoch, other: owner, place: 0 };
        yield { name: name(' and takes a bucket'), to: changed(seen, (to) => to.requests.push(request)) };
      }
      if (held !== 0) yield* this.#gives(seen, index, bucket);
    }
  }

  #see(world: World, index: number): string | undefined {
    const me = world.members[index]!;
    let harm: string | undefined;
    for (const [bucket, row] of world.buckets.entries()) {
      if (me.held[bucket] !== 0 && (row.owner !== index || row.epoch > me.held[bucket]!)) letGo(me, bucket);
      const given = row.owner === index && me.held[bucket] === 0;
      if (given && this.plant === 'the heir goes on in the epoch it was given') harm = hold(me, bucket, row);
    }
    return harm;
  }

  /** To who has asked for it, drained or not; to nobody, as an instance that stops does. */
  *#gives(world: World, index: number, bucket: number): Generator<Move<World>> {
    const epoch = world.members[index]!.held[bucket]!;
    for (const other of new Set([NOBODY, world.buckets[bucket]!.heir])) {
      const name = `instance ${index} looks and ${other === NOBODY ? 'frees' : 'hands over'} a bucket`;
      const request: Request = { kind: 'release', by: index, awaited: true, bucket, epoch, other, place: 0 };
      yield { name, to: changed(world, (to) => to.requests.push(request)) };
    }
  }

  *#workMoves(world: World, index: number): Generator<Move<World>> {
    const { requests, members } = world;
    const mine = requests.filter((request) => request.by === index && request.awaited);
    if (mine.some((request) => !isCoordination(request))) return;
    const { held, at, safe } = members[index]!;
    for (const [bucket, epoch] of held.entries()) {
      if (epoch === 0 || mine.some((request) => request.kind === 'release' && request.bucket === bucket)) continue;
      const send = (kind: Kind, place: number) => {
        const request = { kind, by: index, awaited: true, bucket, epoch, other: NOBODY, place };
        return changed(world, (to) => to.requests.push(request));
      };
      if (at[bucket]! < this.bounds.events)
        yield { name: `instance ${index} handles an event`, to: send('effect', at[bucket]! + 1) };
      const ahead = this.plant === 'checkpoint before effect' && at[bucket]! < this.bounds.events ? 1 : 0;
      if (at[bucket]! + ahead > safe[bucket]!)
        yield { name: `instance ${index} saves its checkpoint`, to: send('checkpoint', at[bucket]! + ahead) };
    }
  }

  *#requestMoves(world: World, index: number): Generator<Move<World>> {
    const { kind, by, awaited } = world.requests[index]!;
    if (awaited) {
      const to = changed(world, (next) => (next.requests[index]!.awaited = false));
      yield { name: `instance ${by} does not learn of its ${kind}`, to };
    }
    const to = copyOf(world);
    const [request] = to.requests.splice(index, 1);
    const harm = this.#apply(to, request!);
    yield { name: `${kind} is carried out${awaited ? '' : ' late'}`, to, harm };
  }

  /** Carries a request out, and tells its sender if that still waits. Returns what is wrong about it. */
  #apply(world: World, request: Request): string | undefined {
    const row = world.buckets[request.bucket]!;
    const sender = world.members[request.by]!;
    switch (request.kind) {
      case 'take':
        return this.#applyTake(row, request, sender);
      case 'release':
        if (this.#mayApply(world, request)) {
          const stays = this.plant === 'the heir goes on in the epoch it was given' && request.other !== NOBODY;
          Object.assign(row, { owner: request.other, epoch: request.epoch + (stays ? 0 : 1), heir: NOBODY });
        }
        if (request.awaited) letGo(sender, request.bucket);
        return undefined;
      case 'effect': {
        const back = this.plant === 'writes positions in the order of arrival' && request.place < row.position;
        if (request.place > row.position) row.position = request.place;
        if (request.awaited && sender.held[request.bucket] === request.epoch) sender.at[request.bucket] = request.place;
        return back ? `the position of bucket ${request.bucket} goes back` : undefined;
      }
      case 'checkpoint':
        return this.#applyCheckpoint(world, request);
    }
  }

  #applyTake(row: Bucket, { by, bucket, epoch, other, awaited }: Request, sender: Member): string | undefined {
    const applies = this.plant === 'takes without comparing' || (row.epoch === epoch && row.owner === other);
    if (!applies) return undefined;
    const raised = this.plant === 'takes without raising the epoch' && row.epoch > 0 ? epoch : epoch + 1;
    Object.assign(row, { owner: by, epoch: raised, heir: NOBODY });
    return awaited ? hold(sender, bucket, row) : undefined;
  }

  #applyCheckpoint(world: World, request: Request): string | undefined {
    const { bucket, epoch, place, by, awaited } = request;
    const row = world.buckets[bucket]!;
    const sender = world.members[by]!;
    const older = epoch < row.savedIn;
    const back = epoch === row.savedIn && place < row.saved;
    const applies = this.#mayApply(world, request);
    if (applies) Object.assign(row, { saved: place, savedIn: epoch });
    if (awaited && sender.held[bucket] === epoch) sender.safe[bucket] = place;
    if (applies && older) return `the checkpoint of bucket ${bucket} is overwritten by an older epoch`;
    return applies && back ? `the checkpoint of bucket ${bucket} goes back within its epoch` : undefined;
  }

  /** Could it change anything, now or later? Epochs, positions and checkpoints only grow, unless a mistake is planted. */
  #mayApply({ buckets }: World, { kind, by, bucket, epoch, other, place }: Request): boolean {
    const row = buckets[bucket]!;
    switch (kind) {
      case 'take':
        return this.plant === 'takes without comparing' || (row.epoch === epoch && row.owner === other);
      case 'release':
        return row.owner === by && (row.epoch === epoch || this.plant === 'releases without comparing the epoch');
      case 'effect':
        return place > row.position || this.plant === 'writes positions in the order of arrival';
      case 'checkpoint': {
        const epochs = this.plant !== 'goes on after a missed beat, and checkpoints without epoch';
        return epochs && epoch !== row.savedIn ? epoch > row.savedIn : place > row.saved;
      }
    }
  }

  /** With faults over, and everybody doing what there is to do: is there a bucket that nobody works on to its end? */
  #neglected(world: World): string | undefined {
    if (!world.members.some(({ running }) => running)) return undefined;
    const calm = copyOf(world);
    for (const request of calm.requests) this.#apply(calm, { ...request, awaited: false });
    for (let round = 0; round < 2; round += 1)
      for (const [index, { running }] of calm.members.entries()) if (running) this.#doAll(calm, index);
    const at = calm.buckets.findIndex(
      ({ owner, saved }) => !calm.members[owner]?.running || saved < this.bounds.events,
    );
    return at < 0 ? undefined : `nobody works on bucket ${at} any more`;
  }

  #doAll(world: World, index: number): void {
    const me = world.members[index]!;
    this.#see(world, index);
    for (const [bucket, row] of world.buckets.entries()) {
      const ownerless = !world.members[row.owner]?.running;
      const own = row.owner === index && this.plant !== 'does not take anew what is its own';
      if (me.held[bucket] === 0 && (ownerless || own)) {
        Object.assign(row, { owner: index, epoch: row.epoch + 1, heir: NOBODY });
        hold(me, bucket, row);
      }
      if (me.held[bucket] === 0) continue;
      row.position = this.bounds.events;
      Object.assign(row, { saved: this.bounds.events, savedIn: row.epoch });
    }
  }
}

function isCoordination({ kind }: Request): boolean {
  return kind === 'take' || kind === 'release';
}

function kill(world: World, index: number): void {
  const me = world.members[index]!;
  me.running = false;
  for (const bucket of world.buckets.keys()) letGo(me, bucket);
  for (const request of world.requests) if (request.by === index) request.awaited = false;
  world.kills -= 1;
}

/** Begins with a bucket at its checkpoint. Nobody may ever have held it in this epoch. */
function hold(me: Member, bucket: number, row: Bucket): string | undefined {
  const twice = (row.heldIn & (1 << row.epoch)) !== 0;
  me.held[bucket] = row.epoch;
  me.at[bucket] = row.saved;
  me.safe[bucket] = row.saved;
  row.heldIn |= 1 << row.epoch;
  return twice ? `bucket ${bucket} is held twice in epoch ${row.epoch}` : undefined;
}

function letGo(me: Member, bucket: number): void {
  me.held[bucket] = 0;
  me.at[bucket] = 0;
  me.safe[bucket] = 0;
}

function numbersOf({ kind, by, awaited, bucket, epoch, other, place }: Request): readonly number[] {
  return [KINDS.indexOf(kind), by, +awaited, bucket, epoch, other, place];
}

/** In an order of their own: which was sent first makes no difference. */
function withoutRepeats(requests: readonly Request[]): Request[] {
  if (requests.length < 2) return [...requests];
  const distinct = new Map(requests.map((request) => [numbersOf(request).join(), request]));
  return [...distinct.keys()].sort().map((key) => distinct.get(key)!);
}

function changed(world: World, change: (to: World) => void): World {
  const to = copyOf(world);
  change(to);
  return to;
}

function copyOf(world: World): World {
  return {
    ...world,
    buckets: world.buckets.map((bucket) => ({ ...bucket })),
    members: world.members.map((member) => ({
      ...member,
      held: [...member.held],
      at: [...member.at],
      safe: [...member.safe],
    })),
    requests: world.requests.map((request) => ({ ...request })),
  };
}
