/** One thing that can happen in a world, and the world after it. */
export interface Move<World> {
  readonly name: string;
  readonly to: World;
  /** What is wrong with this very step, whatever the world after it looks like. */
  readonly harm?: string | undefined;
}

/** A small world of which every state can be visited. A world is never changed in place. */
export interface Model<World> {
  first(): World;
  /** Everything that can happen next. Nothing has to happen: a process that is killed is one that makes no more moves. */
  moves(world: World): Iterable<Move<World>>;
  /** The same text for worlds between which nobody can tell a difference any more. */
  keyOf(world: World): string;
  /** What is wrong in this state, if anything is. */
  violation(world: World): string | undefined;
}

/** What a search came upon. */
export interface Findings {
  readonly states: number;
  /** The shortest way to something that must not be, if there is one. */
  readonly violation?: { readonly what: string; readonly trace: readonly string[] };
  /** Names of all moves that were made anywhere. */
  readonly moves: ReadonlySet<string>;
}

export interface SearchBounds {
  /** A model with more states than this is not small: the search throws a `RangeError`. Default 2,000,000. */
  readonly statesMax?: number;
}

const STATES_MAX = 2_000_000;

interface Step {
  readonly from: string;
  readonly by: string;
}

/** Visits every state of a model, nearest first, and stops at the first violation. */
export function explore<World>(model: Model<World>, { statesMax = STATES_MAX }: SearchBounds = {}): Findings {
  const first = model.first();
  const steps = new Map<string, Step>([[model.keyOf(first), { from: '', by: '' }]]);
  const moves = new Set<string>();
  let frontier = [{ world: first, from: model.keyOf(first) }];
  while (frontier.length > 0) {
    const next: typeof frontier = [];
    for (const { world, from } of frontier) {
      for (const move of model.moves(world)) {
        moves.add(move.name);
        const key = model.keyOf(move.to);
        if (!move.harm && steps.has(key)) continue;
        const what = move.harm ?? model.violation(move.to);
        if (what)
          return { states: steps.size, moves, violation: { what, trace: [...traceTo(from, steps), move.name] } };
        steps.set(key, { from, by: move.name });
        if (steps.size > statesMax)
          throw new RangeError(`the model has more than ${statesMax} states: make it smaller`);
        next.push({ world: move.to, from: key });
      }
    }
    frontier = next;
  }
  return { states: steps.size, moves };
}

function traceTo(key: string, steps: ReadonlyMap<string, Step>): readonly string[] {
  const trace: string[] = [];
  for (let step = steps.get(key); step && step.by !== ''; step = steps.get(step.from)) trace.unshift(step.by);
  return trace;
}
