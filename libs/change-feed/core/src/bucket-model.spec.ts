import { explore } from '@chronicle/model-search';
import { BucketModel, type BucketBounds, type BucketPlant } from './bucket-model.fixture.js';

const SMALL: BucketBounds = { instances: 2, buckets: 1, events: 1, epochsMax: 2, forsakenMax: 1, kills: 0 };

describe('every state that instances and buckets can reach', () => {
  it.each<[string, Partial<BucketBounds>, number]>([
    ['two instances over three epochs', { epochsMax: 3 }, 70_000],
    ['two instances and two events', { events: 2 }, 30_000],
    ['three instances, one of which may be killed', { instances: 3, forsakenMax: 0, kills: 1 }, 30_000],
    ['two buckets', { buckets: 2, events: 0, forsakenMax: 0 }, 9_000],
  ])(
    'with %s: each epoch has one owner, nothing goes back or is left out, nobody is neglected',
    (_, bounds, statesMin) => {
      const { violation, states, moves } = explore(new BucketModel('none', { ...SMALL, ...bounds }));
      expect(violation).toBeUndefined();
      // It would prove little if it had not been through these.
      expect(states).toBeGreaterThan(statesMin);
      const made = [...moves].map((name) => name.replace(/^instance \d /, ''));
      expect(made).toEqual(
        expect.arrayContaining(['looks and takes a bucket', 'looks and hands over a bucket', 'looks and lets go']),
      );
    },
    120_000,
  );

  it('goes through every kind of fault', () => {
    const { moves } = explore(new BucketModel('none', { ...SMALL, kills: 1 }));
    const made = [...moves].map((name) => name.replace(/^instance \d /, ''));
    expect(made).toEqual(
      expect.arrayContaining([
        'is killed',
        ...['take', 'release', 'effect', 'checkpoint'].flatMap((request) => [
          `does not learn of its ${request}`,
          `${request} is carried out`,
          `${request} is carried out late`,
        ]),
      ]),
    );
  }, 60_000);

  it.each<[BucketPlant, string, Partial<BucketBounds>]>([
    ['goes on after a missed beat, and checkpoints without epoch', 'is overwritten by an older epoch', { events: 2 }],
    ['takes without comparing', 'is held twice in epoch 1', {}],
    ['takes without raising the epoch', 'is held twice in epoch 1', {}],
    ['releases without comparing the epoch', 'is held twice in epoch 3', { epochsMax: 3 }],
    ['the heir goes on in the epoch it was given', 'is held twice in epoch 1', {}],
    ['does not take anew what is its own', 'nobody works on bucket 0 any more', {}],
    ['writes positions in the order of arrival', 'the position of bucket 0 goes back', { events: 2 }],
    ['checkpoint before effect', 'is past an event that has had no effect', {}],
  ])(
    'with a mistake planted (%s): a way to the harm is found',
    (plant, harm, bounds) => {
      const { violation } = explore(new BucketModel(plant, { ...SMALL, ...bounds }));
      expect(violation?.what).toContain(harm);
    },
    60_000,
  );
});
