import type { Model, Move } from '@chronicle/model-search';

/**
 * A model of the passes over one bucket, small enough to walk through every state it can reach. Time goes by in ticks. A row is
 * stamped by a node whose clock may be behind, and appears in the log later, within the ack limit of its write; a late one (a hint,
 * a repair) within the age of looking back. The log changes its generation once. The reader does what it does at any pace: it may
 * stand still in the middle of a pass while time goes by and rows appear, its pass may fail, it may be killed and begin again at
 * the checkpoint that was saved.
 */

/** A mistake that is planted in the rules; `none`: as they are. */
export type ReaderPlant =
  | 'none'
  | 'reads from the new line on'
  | 'line moved before its pass'
  | 'line by the end of the pass'
  | 'generation entered too early'
  | 'generation found late, and the pass under way counts'
  | 'checkpoint beyond the known generations'
  | 'checkpoint before effects'
  | 'looks back too early'
  | 'restart forgets what to look back at';

export interface ReaderBounds {
  readonly rows: number;
  /** How many of them are late. */
  readonly late: number;
  /** How far the clock of a node may be behind, and how long a write may take to appear; both in ticks. */
  readonly skew: number;
  readonly ackLimit: number;
  /** The confidence window, and the age at which the log is looked back at. */
  readonly window: number;
  readonly lookBack: number;
  /** When the second generation begins (beyond the horizon: never), and how long before it can be seen. */
  readonly switchAt: number;
  readonly lead: number;
  /** No row is written after it. */
  readonly writesUntil: number;
  readonly horizon: number;
  readonly restarts: number;
}

interface Row {
  /** Its time in the log; −1: not written yet. */
  readonly stamp: number;
  /** The last tick in which it may appear. */
  readonly due: number;
  readonly late: boolean;
  readonly visible: boolean;
}

/** A place in the log: everything before `time` has been read, and everything before `forGood` looked back at too. */
interface Place {
  readonly time: number;
  readonly forGood: number;
}

interface Pass {
  readonly began: number;
  readonly from: number;
  /** Bit 0, 1: the old, the new generation is still to be read. */
  readonly left: number;
}

interface World {
  readonly now: number;
  readonly rows: readonly Row[];
  readonly line: Place;
  readonly pass: Pass | null;
  /** Bits of the rows that this reader has handed out, and of those that have taken effect. */
  readonly handedOut: number;
  readonly effects: number;
  /** A checkpoint that was handed out, and what had been handed out before it. */
  readonly offered: (Place & { readonly after: number }) | null;
  readonly saved: Place;
  /** When generations were last looked for, and whether the second one is known. */
  readonly looked: number;
  readonly knows: boolean;
  readonly restarts: number;
  readonly late: number;
}

const OLD = 1;
const NEW = 2;
const UNWRITTEN: Row = { stamp: -1, due: 0, late: false, visible: false };
const BEGINNING: Place = { time: 0, forGood: 0 };

/** The reader as it is, or with a mistake planted. */
export class ReaderModel implements Model<World> {
  constructor(
    private readonly plant: ReaderPlant,
    private readonly bounds: ReaderBounds,
  ) {}

  first(): World {
    const { rows, restarts, late, switchAt, lead } = this.bounds;
    return {
      now: 0,
      rows: Array<Row>(rows).fill(UNWRITTEN),
      line: BEGINNING,
      pass: null,
      handedOut: 0,
      effects: 0,
      offered: null,
      saved: BEGINNING,
      looked: 0,
      knows: switchAt <= lead,
      restarts,
      late,
    };
  }

  keyOf(world: World): string {
    const { now, rows, line, pass, handedOut, effects, offered, saved, looked, knows, restarts, late } = world;
    const numbers = [now, line.time, line.forGood, handedOut, effects, saved.time, saved.forGood, looked, +knows];
    numbers.push(restarts, late, pass?.began ?? -1, pass?.from ?? -1, pass?.left ?? -1);
    numbers.push(offered?.time ?? -1, offered?.forGood ?? -1, offered?.after ?? -1);
    for (const row of rows) numbers.push(row.stamp, row.due, +row.late, +row.visible);
    return String.fromCharCode(...numbers.map((number) => number + 1));
  }

  /** What the saved checkpoint has passed no later reader will look at: of late rows, what it has passed for good. */
  violation({ rows, effects, saved }: World): string | undefined {
    const lost = rows.findIndex(
      ({ stamp, late }, row) => stamp >= 0 && !(effects & (1 << row)) && stamp < (late ? saved.forGood : saved.time),
    );
    return lost < 0 ? undefined : `the checkpoint has passed row ${lost}, which took no effect`;
  }

  *moves(world: World): Generator<Move<World>> {
    yield* this.#logMoves(world);
    yield* this.#passMoves(world);
    yield* this.#workMoves(world);
    const { now, restarts } = world;
    if (this.bounds.switchAt <= this.bounds.horizon) yield { name: 'looks for generations', to: this.#learned(world) };
    if (restarts > 0) {
      const forGood = this.plant === 'restart forgets what to look back at' ? world.saved.time : world.saved.forGood;
      const fresh = { line: { ...world.saved, forGood }, pass: null, handedOut: 0, offered: null, knows: false };
      yield { name: 'restarts', to: this.#learned({ ...world, ...fresh, restarts: restarts - 1, looked: now }) };
    }
  }

  *#logMoves(world: World): Generator<Move<World>> {
    const { now, rows, late } = world;
    const { skew, ackLimit, lookBack, writesUntil, horizon } = this.bounds;
    if (now < horizon && rows.every(({ stamp, due, visible }) => stamp < 0 || visible || now < due))
      yield { name: 'time passes', to: { ...world, now: now + 1 } };
    for (const [index, row] of rows.entries())
      if (row.stamp >= 0 && !row.visible)
        yield { name: `a ${row.late ? 'late ' : ''}row appears`, to: withRow(world, index, { ...row, visible: true }) };
    const next = rows.findIndex(({ stamp }) => stamp < 0);
    if (next < 0 || now > writesUntil) return;
    for (let stamp = Math.max(0, now - skew); stamp <= now; stamp += 1) {
      const row: Row = { stamp, due: now + ackLimit, late: false, visible: false };
      yield { name: 'a row is written', to: withRow(world, next, row) };
      const lateRow = { ...row, due: stamp + lookBack, late: true };
      if (late > 0) yield { name: 'a row is written', to: { ...withRow(world, next, lateRow), late: late - 1 } };
    }
  }

  /**
   * The second generation can be seen `lead` before it begins. Who learns of it only later goes back to its begin, and a pass that
   * is under way has not read it.
   */
  #learned(world: World): World {
    const { switchAt, lead } = this.bounds;
    const { now, line, knows } = world;
    if (knows || now < switchAt - lead) return { ...world, looked: now };
    const back = { time: Math.min(line.time, switchAt), forGood: Math.min(line.forGood, switchAt) };
    const counts = this.plant === 'generation found late, and the pass under way counts' && line.time <= switchAt;
    return { ...world, looked: now, knows: true, line: back, pass: counts ? world.pass : null };
  }

  *#passMoves(world: World): Generator<Move<World>> {
    const { now, line, pass, knows } = world;
    const { window, switchAt, lookBack } = this.bounds;
    const generations = this.#generations(world, line.time);
    if (!pass) {
      const early = this.plant === 'reads from the new line on' ? now - window : 0;
      const begun = { began: now, from: Math.max(line.time, early), left: generations };
      const moved = this.plant === 'line moved before its pass' ? moveTo(line, now - window) : line;
      yield { name: 'begins a safe pass', to: { ...world, pass: begun, line: moved } };
      const newest = Math.max(line.time, now - 1);
      yield { name: 'makes a fast pass', to: this.#handOut(world, generations, (stamp) => stamp >= newest) };
    } else if (pass.left === 0) yield { name: 'ends its safe pass', to: this.#ended(world, pass) };
    else {
      const generation = pass.left & OLD ? OLD : NEW;
      const read = this.#handOut(world, generation, (stamp) => stamp >= pass.from);
      const name = `reads the ${generation === OLD ? 'old' : 'new'} streams`;
      yield { name, to: { ...read, pass: { ...pass, left: pass.left & ~generation } } };
      yield { name: 'has its pass fail', to: { ...world, pass: null } };
    }
    const slice = line.forGood;
    const age = this.plant === 'looks back too early' ? lookBack - 1 : lookBack;
    if (slice < line.time && now > slice + age && (slice < switchAt || knows)) {
      const read = this.#handOut(world, OLD | NEW, (stamp) => stamp === slice);
      yield { name: 'looks back', to: { ...read, line: { ...line, forGood: slice + 1 } } };
    }
  }

  /** The known generations that overlap the log from a time until now. */
  #generations({ now, knows }: World, from: number): number {
    const { switchAt } = this.bounds;
    const begun = knows && now >= switchAt;
    const ended = knows && (this.plant === 'generation entered too early' ? begun : from >= switchAt);
    return (ended ? 0 : OLD) | (begun ? NEW : 0);
  }

  #handOut(world: World, generations: number, wanted: (stamp: number) => boolean): World {
    let { handedOut } = world;
    for (const [index, { stamp, visible }] of world.rows.entries()) {
      const generation = stamp < this.bounds.switchAt ? OLD : NEW;
      if (visible && generations & generation && wanted(stamp)) handedOut |= 1 << index;
    }
    return { ...world, handedOut };
  }

  /** Hands out a checkpoint, no further than generations are known, and moves the line. */
  #ended(world: World, { began }: Pass): World {
    const { now, line, looked, handedOut } = world;
    const { window, lead } = this.bounds;
    const reached = (this.plant === 'line by the end of the pass' ? now : began) - window;
    const moved = moveTo(line, reached);
    const known = this.plant === 'checkpoint beyond the known generations' ? moved.time : looked + lead;
    const time = Math.min(moved.time, known);
    const offered = { time, forGood: Math.min(moved.forGood, time), after: handedOut };
    return { ...world, pass: null, line: moved, offered };
  }

  *#workMoves(world: World): Generator<Move<World>> {
    const { rows, handedOut, effects, offered, saved } = world;
    for (const row of rows.keys())
      if (handedOut & ~effects & (1 << row))
        yield { name: 'a row takes effect', to: { ...world, effects: effects | (1 << row) } };
    if (!offered) return;
    if (offered.after & ~effects && this.plant !== 'checkpoint before effects') return;
    const { time, forGood } = offered;
    const to = { ...world, offered: null, saved: time >= saved.time ? { time, forGood } : saved };
    yield { name: 'saves a checkpoint', to };
  }
}

function moveTo(line: Place, time: number): Place {
  return { ...line, time: Math.max(line.time, time) };
}

function withRow(world: World, index: number, row: Row): World {
  return { ...world, rows: world.rows.map((other, at) => (at === index ? row : other)) };
}
