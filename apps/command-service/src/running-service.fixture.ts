import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { systemClock } from '@chronicle/seams';
import { createApp } from '@chronicle/service-host';
import { exportJWK, generateKeyPair, SignJWT, type CryptoKey } from 'jose';
import { commandService } from './command-service.js';

export const CUSTOMER = '6f1b2c3d-4e5f-4a6b-8c7d-9e0f1a2b3c4d';
export const OTHER_CUSTOMER = '00000000-0000-4000-8000-000000000000';
export const NO_ORDER = '01920c5e-7a3b-7c11-9f2e-3b6d8a4c5e01';
export const ITEM = { productId: 'book-1', quantity: 2, unitPrice: 1999 };
export const ORDER = { customerId: CUSTOMER, currency: 'EUR', items: [ITEM] };

type Headers = Readonly<Record<string, string>>;

/** What a spec looks at of an answer. */
export interface Answer {
  readonly status: number;
  readonly headers: Readonly<Record<string, unknown>>;
  readonly body: Record<string, unknown>;
}

/** Every status that an order can be brought to, with the commands that do it. */
export const PATH_TO = {
  CREATED: [],
  CONFIRMED: ['confirm'],
  SHIPPED: ['confirm', 'ship'],
  DELIVERED: ['confirm', 'ship', 'deliver'],
  CANCELLED: ['cancel'],
} as const;

export const BODY_OF = {
  items: { items: [ITEM] },
  confirm: {},
  ship: { trackingNumber: 'T-1', carrier: 'DHL' },
  deliver: { signature: 'Jo' },
  cancel: { reason: 'changed my mind' },
} as const;
export type Operation = keyof typeof BODY_OF;

/** command-service on an embedded store of its own in a temporary folder, spoken to without a port. */
export class RunningService {
  private constructor(
    private readonly app: Awaited<ReturnType<typeof createApp>>,
    private readonly folder: string,
    readonly issuer: Issuer,
  ) {}

  /** With `AUTH_MODE=off` unless `env` says otherwise. */
  static start(env: Headers = {}): Promise<RunningService> {
    return RunningService.startIn(mkdtempSync(join(tmpdir(), 'command-service-')), env);
  }

  private static async startIn(folder: string, env: Headers): Promise<RunningService> {
    const issuer = await Issuer.open(folder);
    const auth = env.AUTH_MODE === 'jwt' ? issuer.environment : { AUTH_MODE: 'off' };
    const app = await createApp(commandService, {
      env: { LOG_LEVEL: 'silent', DATA_DIR: join(folder, 'data'), ...auth, ...env },
    });
    return new RunningService(app as Awaited<ReturnType<typeof createApp>>, folder, issuer);
  }

  async stop(): Promise<void> {
    await this.app.close();
    rmSync(this.folder, { recursive: true });
  }

  /** Ends, and starts again on the same store. */
  async restart(): Promise<RunningService> {
    await this.app.close();
    return RunningService.startIn(this.folder, {});
  }

  async send(
    method: 'GET' | 'POST' | 'PUT' | 'DELETE',
    url: string,
    body?: unknown,
    headers: Headers = {},
  ): Promise<Answer> {
    const payload = body === undefined || typeof body === 'string' ? body : JSON.stringify(body);
    const type: Headers = payload === undefined ? {} : { 'content-type': 'application/json' };
    const answer = await this.app.http.inject({ method, url, payload, headers: { ...type, ...headers } });
    return { status: answer.statusCode, headers: answer.headers, body: answer.body === '' ? {} : answer.json() };
  }

  get(url: string, headers?: Headers): Promise<Answer> {
    return this.send('GET', url, undefined, headers);
  }

  async metrics(): Promise<string> {
    return (await this.app.http.inject('/metrics')).body;
  }

  create(changes: object = {}, headers?: Headers): Promise<Answer> {
    return this.send('POST', '/v1/orders', { ...ORDER, ...changes }, headers);
  }

  change(
    orderId: string,
    operation: Operation,
    body: unknown = BODY_OF[operation],
    headers?: Headers,
  ): Promise<Answer> {
    return this.send(operation === 'items' ? 'PUT' : 'POST', `/v1/orders/${orderId}/${operation}`, body, headers);
  }

  /** The id of a new order in `status`. */
  async orderIn(status: keyof typeof PATH_TO): Promise<string> {
    const { body } = await this.create();
    const orderId = String(body.orderId);
    for (const operation of PATH_TO[status]) {
      const { status: answered } = await this.change(orderId, operation);
      if (answered !== 200) throw new Error(`${operation} answered ${answered}`);
    }
    return orderId;
  }

  async events(orderId: string, headers?: Headers): Promise<Record<string, unknown>[]> {
    const { body } = await this.get(`/v1/orders/${orderId}/events?limit=200`, headers);
    return body.events as Record<string, unknown>[];
  }
}

/** Signs tokens that the service trusts. */
export class Issuer {
  private constructor(
    private readonly key: CryptoKey,
    readonly environment: Headers,
  ) {}

  static async open(folder: string): Promise<Issuer> {
    const { privateKey, publicKey } = await generateKeyPair('ES256', { extractable: true });
    const file = join(folder, 'keys.json');
    writeFileSync(file, JSON.stringify({ keys: [{ ...(await exportJWK(publicKey)), kid: 'k', alg: 'ES256' }] }));
    const names = { AUTH_ISSUER: 'https://issuer.test', AUTH_AUDIENCE: 'orders' };
    return new Issuer(privateKey, { AUTH_MODE: 'jwt', AUTH_JWKS_FILE: file, ...names });
  }

  /** The header of a caller with these scopes, an hour before its token expires. */
  async bearer(scope: string, subject = CUSTOMER, claims: Record<string, unknown> = {}): Promise<Headers> {
    const expires = Math.floor(systemClock.now() / 1_000) + 3_600;
    const all = { iss: 'https://issuer.test', aud: 'orders', sub: subject, scope, exp: expires, ...claims };
    const token = await new SignJWT(all).setProtectedHeader({ alg: 'ES256', kid: 'k' }).sign(this.key);
    return { authorization: `Bearer ${token}` };
  }
}
