import { systemClock, systemEntropy, uuidV7 } from '@chronicle/seams';

/** An order of three items, as everything is measured with. */
export function newOrder(customerId: string, salt: number) {
  const item = (index: number) => ({
    productId: `product-${(salt * 7 + index * 31) % 1000}`,
    quantity: 1 + ((salt + index) % 5),
    unitPrice: 499 + ((salt * 13 + index * 101) % 20_000),
  });
  return { customerId, currency: 'EUR', items: [item(0), item(1), item(2)] };
}

const CUSTOMERS = 1000;

/** Creations for a thousand customers in turn. They are made beforehand, so that the generator has nothing to do but to send. */
export function creations(): () => Buffer {
  const requests = Array.from({ length: CUSTOMERS }, (_, index) =>
    postRequest('/v1/orders', newOrder(uuidV7(systemClock, systemEntropy), index)),
  );
  let sent = 0;
  return () => requests[sent++ % CUSTOMERS]!;
}

/** The bytes of a POST with a JSON body. */
export function postRequest(path: string, json: unknown): Buffer {
  return requestWithBody('POST', path, json);
}

/** The bytes of a PUT with a JSON body. */
export function putRequest(path: string, json: unknown): Buffer {
  return requestWithBody('PUT', path, json);
}

/** The bytes of a GET. */
export function getRequest(path: string): Buffer {
  return Buffer.from(`GET ${path} HTTP/1.1\r\nhost: 127.0.0.1\r\n\r\n`);
}

function requestWithBody(method: string, path: string, json: unknown): Buffer {
  const body = JSON.stringify(json);
  const head = `${method} ${path} HTTP/1.1\r\nhost: 127.0.0.1\r\ncontent-type: application/json\r\n`;
  return Buffer.from(`${head}content-length: ${Buffer.byteLength(body)}\r\n\r\n${body}`);
}
