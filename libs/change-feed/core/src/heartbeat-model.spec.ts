import { explore } from '@chronicle/model-search';
import { HeartbeatModel, type HeartbeatPlant, type HeartbeatRules } from './heartbeat-model.fixture.js';

const RULES: HeartbeatRules = { instances: 2, deafAfter: 1, deadAfter: 2 };

describe('every state that instances and their observers can reach', () => {
  it.each([RULES, { ...RULES, deafAfter: 2, deadAfter: 3 }])(
    'with %o: nobody is taken for dead who goes on, or who could not be heard',
    (rules) => {
      const { violation, states } = explore(new HeartbeatModel('none', rules));
      expect(violation).toBeUndefined();
      expect(states).toBeGreaterThan(9_000);
    },
    60_000,
  );

  it.each<[HeartbeatPlant, Partial<HeartbeatRules>, string]>([
    ['judges after failed reads', {}, 'is taken for dead though it was heard, or could not be'],
    ['judges without reading', {}, 'is taken for dead though it was heard, or could not be'],
    ['counts beats that failed', {}, 'is taken for dead while it goes on'],
    ['none', { deafAfter: 3 }, 'is taken for dead while it goes on'],
  ])('with a mistake planted (%s, %o): a way to the harm is found', (plant, rules, harm) => {
    const { violation } = explore(new HeartbeatModel(plant, { ...RULES, ...rules }));
    expect(violation?.what).toContain(harm);
  });
});
