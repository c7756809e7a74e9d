import type { Model, Move } from '@chronicle/model-search';

/**
 * A model of heartbeats and of who is taken for dead, small enough to walk through every state it can reach. Time goes by in
 * ticks. Between two of them an instance beats and looks at the others, or does neither: it is slow, paused or killed. A beat that
 * arrives late, or whose answer gets lost, is one that others see and its sender does not know of. The database goes away for
 * everybody. An instance that has not been heard for {@link HeartbeatRules.deafAfter} lets go of its buckets by itself; one whose
 * beat stood still for `deadAfter` ticks, in each of which the observer's own read succeeded, is taken for dead.
 */

/** A mistake that is planted in the rules; `none`: as they are. */
export type HeartbeatPlant =
  'none' | 'judges after failed reads' | 'judges without reading' | 'counts beats that failed';

export interface HeartbeatRules {
  readonly instances: number;
  readonly deafAfter: number;
  readonly deadAfter: number;
}

interface Member {
  /** Ticks since it last knew of a beat of its own that succeeded. */
  unheard: number;
  /** Ticks since a beat of it arrived, without those in which nobody could have reached the database. */
  silent: number;
  /** It has looked at the others since the last tick. */
  looked: boolean;
  /** Of each other one: is there a beat it has not seen, and the ticks that the last one it has seen stood still. */
  news: boolean[];
  stood: number[];
}

interface World {
  up: boolean;
  /** The database could have been reached since the last tick. */
  wasUp: boolean;
  members: Member[];
}

/** Heartbeats as they are, or with a mistake planted. */
export class HeartbeatModel implements Model<World> {
  constructor(
    private readonly plant: HeartbeatPlant,
    private readonly rules: HeartbeatRules,
  ) {}

  first(): World {
    const { instances, deafAfter } = this.rules;
    const member = (): Member => ({
      unheard: deafAfter,
      silent: 0,
      looked: false,
      news: Array<boolean>(instances).fill(false),
      stood: Array<number>(instances).fill(0),
    });
    return { up: true, wasUp: true, members: Array.from({ length: instances }, member) };
  }

  keyOf({ up, wasUp, members }: World): string {
    const numbers = members.flatMap(({ unheard, silent, looked, news, stood }) => [
      unheard,
      silent,
      +looked,
      ...news.map(Number),
      ...stood,
    ]);
    return String.fromCharCode(+up, +wasUp, ...numbers);
  }

  /** What is wrong is wrong with a step: a verdict may be out of date a moment later. */
  violation(): undefined {
    return undefined;
  }

  *moves(world: World): Generator<Move<World>> {
    const later = changed(world, (to) => this.#tick(to));
    const blind = this.plant === 'judges without reading' ? this.#misjudged(later) : undefined;
    yield { name: 'time passes', to: later, harm: blind };
    if (!world.up) {
      yield { name: 'the database is back', to: changed(world, (to) => (to.up = to.wasUp = true)) };
      return;
    }
    yield { name: 'the database goes away', to: changed(world, (to) => (to.up = false)) };
    for (const index of world.members.keys()) {
      yield { name: `instance ${index} beats`, to: changed(world, (to) => beat(to, index)) };
      const name = `instance ${index} beats, late or unanswered`;
      yield { name, to: changed(world, (to) => beat(to, index, world.members[index]!.unheard)) };
      if (this.plant === 'counts beats that failed')
        yield { name: `instance ${index} beats in vain`, to: changed(world, (to) => (to.members[index]!.unheard = 0)) };
      const to = changed(world, (next) => look(next.members[index]!));
      yield { name: `instance ${index} looks`, to, harm: this.#misjudged(to, index) };
    }
  }

  #tick(world: World): void {
    const { deafAfter, deadAfter } = this.rules;
    const heedless = this.plant === 'judges after failed reads' || this.plant === 'judges without reading';
    for (const member of world.members) {
      member.silent = Math.min(deadAfter, member.silent + +world.wasUp);
      member.unheard = Math.min(deafAfter, member.unheard + 1);
      // A tick without a read that succeeded tells nothing: the watch starts again.
      const counts = member.looked || heedless;
      member.stood = member.stood.map((ticks) => (counts ? Math.min(deadAfter, ticks + 1) : 0));
      member.looked = false;
    }
    world.wasUp = world.up;
  }

  /** What is wrong about whom an observer, or any, takes for dead now. */
  #misjudged({ members }: World, by?: number): string | undefined {
    const { deafAfter, deadAfter } = this.rules;
    for (const [observer, { stood }] of members.entries()) {
      if (by !== undefined && observer !== by) continue;
      for (const [index, { silent, unheard }] of members.entries()) {
        if (index === observer || stood[index]! < deadAfter) continue;
        if (silent < deadAfter) return `instance ${index} is taken for dead though it was heard, or could not be`;
        if (unheard < deafAfter) return `instance ${index} is taken for dead while it goes on`;
      }
    }
    return undefined;
  }
}

/** It arrives, and others may see it; `unheard`: ticks since the last one that its sender knows to have arrived. */
function beat({ members }: World, index: number, unheard = 0): void {
  Object.assign(members[index]!, { silent: 0, unheard });
  for (const other of members) other.news[index] = true;
}

function look(me: Member): void {
  me.looked = true;
  me.stood = me.stood.map((ticks, other) => (me.news[other] ? 0 : ticks));
  me.news.fill(false);
}

function changed(world: World, change: (to: World) => void): World {
  const members = world.members.map((member) => ({ ...member, news: [...member.news], stood: [...member.stood] }));
  const to = { ...world, members };
  change(to);
  return to;
}
