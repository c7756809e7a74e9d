import { explore } from '@chronicle/model-search';
import { ProtocolModel, type ModelBounds, type Plant } from './protocol-model.fixture.js';

const bounds = (writers: ModelBounds['writers'], repairs: number): ModelBounds => ({ writers, repairs });
/** A writer that appends two events and then one, another that appends one, and a repairer. */
const SMALL = bounds([[2, 1], [1]], 1);

describe('every state that the commit protocol can reach', () => {
  it.each([
    ['two writers, one of which goes on, and a repairer', SMALL],
    ['two writers and two repairers', bounds([[2], [1]], 2)],
    ['a writer that goes on, and two repairers', bounds([[1, 2]], 2)],
  ])('with %s: no event is lost, and none is denied that commits', (_, world) => {
    const { violation, states, moves } = explore(new ProtocolModel('none', world));
    expect(violation).toBeUndefined();
    // It would prove little if it had not been through these.
    expect(states).toBeGreaterThan(10_000);
    const made = [...moves].map((name) => name.replace(/^\w+ \d: /, ''));
    expect(made).toEqual(
      expect.arrayContaining([
        'commit applies',
        'late commit applies',
        'commit is refused',
        'fence applies',
        'late fence applies',
        'fence is refused',
        'does not learn the outcome',
        'does not learn of its fence',
        'takes an intent',
        'publishes',
        'deletes the intent',
      ]),
    );
  });

  it.each<[Plant, string]>([
    ['intent before load', 'is stored, not published, and nobody will be led to it'],
    ['no fence', 'is stored, not published, and nobody will be led to it'],
    ['one intent key per writer', 'is stored, not published, and nobody will be led to it'],
    ['intent without its count', 'is stored, not published, and nobody will be led to it'],
    ['unknown outcome settled by a read', 'of a denied attempt is stored'],
  ])('with a mistake planted (%s): a way to the harm is found', (plant, harm) => {
    const { violation } = explore(new ProtocolModel(plant, SMALL));
    expect(violation?.what).toContain(harm);
    expect(violation!.trace.length).toBeGreaterThan(3);
  });
});
