import { explore } from '@chronicle/model-search';
import { ReaderModel, type ReaderBounds, type ReaderPlant } from './reader-model.fixture.js';

/** Rows as late as a write may be, and a log that changes its generation. */
const SWITCH: ReaderBounds = {
  rows: 1,
  late: 0,
  skew: 1,
  ackLimit: 1,
  window: 2,
  lookBack: 9,
  switchAt: 2,
  lead: 1,
  writesUntil: 2,
  horizon: 6,
  restarts: 1,
};
/** Rows that only looking back can find. */
const LATE: ReaderBounds = { ...SWITCH, late: 1, lookBack: 3, switchAt: 99, lead: 99, writesUntil: 1 };

describe('every state that the passes of a reader can reach', () => {
  it.each([
    ['a switch of the log generation and a restart', SWITCH, 50_000],
    ['two rows and a switch', { ...SWITCH, rows: 2, restarts: 0, horizon: 5 }, 150_000],
    ['a row that is late, and a restart', LATE, 90_000],
  ])(
    'with %s: no checkpoint passes a row that took no effect',
    (_, bounds, statesMin) => {
      const { violation, states, moves } = explore(new ReaderModel('none', bounds));
      expect(violation).toBeUndefined();
      // It would prove little if it had not been through these.
      expect(states).toBeGreaterThan(statesMin);
      expect([...moves]).toEqual(
        expect.arrayContaining(['has its pass fail', 'makes a fast pass', 'saves a checkpoint', 'a row takes effect']),
      );
      expect(moves.has('reads the new streams')).toBe(bounds.late === 0);
      expect(moves.has('looks back')).toBe(bounds.late > 0);
      expect(moves.has('restarts')).toBe(bounds.restarts > 0);
    },
    60_000,
  );

  it.each<[string, ReaderPlant, ReaderBounds]>([
    ['a pass reads from the new line on', 'reads from the new line on', SWITCH],
    ['the line is moved before its pass', 'line moved before its pass', SWITCH],
    ['the line follows the end of the pass', 'line by the end of the pass', SWITCH],
    ['the window is smaller than skew and ack limit', 'none', { ...SWITCH, window: 1 }],
    ['a generation is entered too early', 'generation entered too early', SWITCH],
    ['a pass counts that missed a generation', 'generation found late, and the pass under way counts', SWITCH],
    ['checkpoints do not mind unknown generations', 'checkpoint beyond the known generations', SWITCH],
    ['the checkpoint comes before the effects', 'checkpoint before effects', SWITCH],
    ['the log is looked back at too early', 'looks back too early', LATE],
    ['a restart forgets what to look back at', 'restart forgets what to look back at', LATE],
  ])('when %s: a way to the loss is found', (_, plant, bounds) => {
    const { violation } = explore(new ReaderModel(plant, bounds));
    expect(violation?.what).toBe('the checkpoint has passed row 0, which took no effect');
  });
});
