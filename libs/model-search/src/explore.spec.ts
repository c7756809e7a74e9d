import { explore, type Model } from './explore.js';

/** Two jugs of 3 and 5 litres: a state is what is in them. */
type Jugs = readonly [three: number, five: number];

function jugs(harmAt?: number, overflow = false): Model<Jugs> {
  return {
    first: () => [0, 0],
    *moves([three, five]) {
      yield { name: 'fill 3', to: [3, five] };
      yield { name: 'fill 5', to: [three, 5], harm: overflow && five === 5 ? 'water is spilt' : undefined };
      yield { name: 'empty 3', to: [0, five] };
      yield { name: 'empty 5', to: [three, 0] };
      const over = Math.min(three, 5 - five);
      yield { name: 'pour 3 into 5', to: [three - over, five + over] };
      const back = Math.min(five, 3 - three);
      yield { name: 'pour 5 into 3', to: [three + back, five - back] };
    },
    keyOf: (state) => state.join(),
    violation: ([, five]) => (five === harmAt ? `${five} litres are in the jug of 5` : undefined),
  };
}

describe('explore', () => {
  it('visits every state that can be reached, each once', () => {
    const { states, violation, moves } = explore(jugs());
    // All of 4 × 6 in which one jug is full or empty.
    expect({ states, violation, moves: moves.size }).toEqual({ states: 16, violation: undefined, moves: 6 });
  });

  it('finds the shortest way to a violation', () => {
    expect(explore(jugs(4)).violation).toEqual({
      what: '4 litres are in the jug of 5',
      trace: ['fill 5', 'pour 5 into 3', 'empty 3', 'pour 5 into 3', 'fill 5', 'pour 5 into 3'],
    });
  });

  it('finds a harmful step that leads to a state it has been in', () => {
    expect(explore(jugs(undefined, true)).violation).toEqual({ what: 'water is spilt', trace: ['fill 5', 'fill 5'] });
  });

  it('refuses a model that is not small', () => {
    expect(() => explore(jugs(), { statesMax: 10 })).toThrow(
      new RangeError('the model has more than 10 states: make it smaller'),
    );
  });
});
