import fc from 'fast-check';
import { clusteringOrder } from './clustering-order.js';

const table = {
  name: 'books',
  columns: { shelf: 'text', title: 'text', pages: 'integer' },
  partitionKey: ['shelf'],
  clusteringKey: [
    { column: 'title', order: 'desc' },
    { column: 'pages', order: 'asc' },
  ],
} as const;
const compare = clusteringOrder(table);

describe('the clustering order', () => {
  it('goes by each column in its direction', () => {
    const rows = [
      { title: 'a', pages: 2 },
      { title: 'b', pages: 10 },
      { title: 'b', pages: 9 },
    ];
    expect([...rows].sort(compare)).toEqual([rows[2], rows[1], rows[0]]);
    expect(compare(rows[0]!, { ...rows[0]! })).toBe(0);
  });

  it('compares texts as their bytes in UTF-8', () => {
    const text = fc.string({ unit: fc.constantFrom('a', 'é', '\uD7FF', '\uE000', '\uFFFD', '😀') });
    fc.assert(
      fc.property(text, text, (left, right) => {
        const bytes = Buffer.compare(Buffer.from(right), Buffer.from(left)); // descending
        expect(Math.sign(compare({ title: left, pages: 0 }, { title: right, pages: 0 }))).toBe(bytes);
      }),
    );
  });
});
