import { createApp, type App } from '../app.js';
import { sampleApp } from '../sample-app.fixture.js';

describe('fields that are not as they must be', () => {
  let app: App;
  beforeAll(async () => {
    app = await createApp(sampleApp());
  });
  afterAll(() => app.close());

  const create = (payload: object, url = '/v1/things') => app.http.inject({ method: 'POST', url, payload });

  it('are named with their place and what they must be', async () => {
    const answer = await create({
      customerId: 5,
      surplus: 1,
      items: [
        { productId: 'p', quantity: 1, unitPrice: 0 },
        { productId: '', quantity: '1', unitPrice: 1, size: 1 },
      ],
    });
    expect(answer.statusCode).toBe(422);
    expect(answer.json<{ violations: unknown }>().violations).toEqual([
      { field: 'customerId', message: 'must be a UUID' },
      { field: 'currency', message: expect.any(String) },
      { field: 'items.1.productId', message: 'must be 1 to 100 characters' },
      { field: 'items.1.quantity', message: 'must be a whole number from 1 to 9007199254740991' },
      { field: 'items.1.size', message: 'is not known here' },
      { field: 'surplus', message: 'is not known here' },
    ]);
  });

  it('are named up to 50', async () => {
    const answer = await create({ items: Array.from({ length: 200 }, () => ({})) });
    expect(answer.json<{ violations: unknown[] }>().violations).toHaveLength(50);
    const keys = await create(Object.fromEntries(Array.from({ length: 99 }, (_, index) => [`key${index}`, 1])));
    expect(keys.json<{ violations: unknown[] }>().violations).toHaveLength(50);
  });

  it('of the query are named like those of the body, and together with them', async () => {
    const list = await app.http.inject('/v1/things?kind=OLD&kind=NEW&limit=0&from=x&other=1');
    expect(list.json<{ violations: { field: string }[] }>().violations.map(({ field }) => field)).toEqual([
      'kind',
      'limit',
      'from',
      'other',
    ]);
    const both = await create({ reason: 1 }, '/v1/things?x=1');
    expect(both.json<{ violations: { field: string }[] }>().violations.map(({ field }) => field)).toContain('x');
  });

  it('gives the controller what the schema made of the query', async () => {
    const answer = await app.http.inject('/v1/things?kind=NEW&limit=7');
    expect(answer.json()).toMatchObject({ query: { kind: 'NEW', limit: 7, from: null } });
  });
});
