import { orderView } from './order-view.js';

describe('orderView', () => {
  it('given a state, then it has the fields of the API in their order, and the total', () => {
    const view = orderView({
      version: 4,
      orderId: '01920c5e-7a3b-7c11-9f2e-3b6d8a4c5e01',
      customerId: '6f1b2c3d-4e5f-4a6b-8c7d-9e0f1a2b3c4d',
      status: 'SHIPPED',
      currency: 'EUR',
      items: [
        { productId: 'book-1', quantity: 2, unitPrice: 1999 },
        { productId: 'pen-7', quantity: 3, unitPrice: 250 },
      ],
      trackingNumber: 'JD01',
      carrier: 'DHL',
      signature: null,
      cancelReason: null,
      createdAt: '2026-11-25T19:03:21.001Z',
      updatedAt: '2026-11-25T19:03:21.004Z',
    });
    expect(JSON.stringify(view)).toBe(
      '{"orderId":"01920c5e-7a3b-7c11-9f2e-3b6d8a4c5e01","customerId":"6f1b2c3d-4e5f-4a6b-8c7d-9e0f1a2b3c4d",' +
        '"status":"SHIPPED","currency":"EUR","items":[{"productId":"book-1","quantity":2,"unitPrice":1999},' +
        '{"productId":"pen-7","quantity":3,"unitPrice":250}],"total":4748,"trackingNumber":"JD01","carrier":"DHL",' +
        '"signature":null,"cancelReason":null,"createdAt":"2026-11-25T19:03:21.001Z",' +
        '"updatedAt":"2026-11-25T19:03:21.004Z","version":4}',
    );
  });
});
