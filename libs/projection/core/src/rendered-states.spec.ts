import { RenderedStates } from './rendered-states.js';

describe('rendered states', () => {
  it('given the text that was kept, then gives back its state; for any other text, nothing', () => {
    const states = new RenderedStates<string>(2);
    const rendered = { state: 'one', rows: [] };
    states.keep('a', '"one"', rendered);
    expect(states.take('a', '"one"')).toBe(rendered);
    states.keep('a', '"one"', rendered);
    expect(states.take('a', '"two"')).toBeUndefined();
  });

  it('holds no more than its bound, and lets go of what was kept first', () => {
    const states = new RenderedStates<string>(2);
    for (const id of ['a', 'b', 'c']) states.keep(id, id, { state: id, rows: [] });
    expect(['a', 'b', 'c'].map((id) => states.take(id, id)?.state)).toEqual([undefined, 'b', 'c']);
  });
});
