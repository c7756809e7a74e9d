import { hash } from 'node:crypto';
import { isUuid, uuidBytes, uuidFromBytes, uuidV7, type Clock, type Entropy } from '@chronicle/seams';

/** What an idempotency key belongs to: the same text from somebody else, or for something else, is another key. */
export interface CommandScope {
  /** Who issued the token; null where nobody is known. */
  readonly issuer: string | null;
  /** The token's subject; null where nobody is known. */
  readonly subject: string | null;
  /** HTTP method and path, or whatever names the operation and its target as well. */
  readonly method: string;
  readonly path: string;
}

/** By what a command is named and its repeats are recognised. */
export interface CommandIdentity {
  /** Answered to the client: the same for every repeat, though it is stored nowhere. */
  readonly commandId: string;
  /** What the store remembers the command by: SHA-256 in hex. */
  readonly key: string;
}

/**
 * The RFC 8785 form of a JSON value (members sorted by name, no spaces): equal values give equal texts. Members that are
 * undefined are left out. The depth of `value` is the caller's to bound.
 */
export function canonicalJson(value: unknown): string {
  if (typeof value !== 'object' || value === null) return JSON.stringify(value);
  if (Array.isArray(value)) return `[${value.map(canonicalJson).join(',')}]`;
  const members = Object.entries(value)
    .filter(([, member]) => member !== undefined)
    .sort(([left], [right]) => (left < right ? -1 : 1))
    .map(([name, member]) => `${JSON.stringify(name)}:${canonicalJson(member)}`);
  return `{${members.join(',')}}`;
}

/** SHA-256 (hex) of the canonical form of a command's body: equal for bodies that are equal as JSON values. */
export function bodyHash(body: unknown): string {
  return sha256(canonicalJson(body));
}

/** SHA-256 (hex) of a key and all that it belongs to: what is stored in place of the key. */
export function scopedKey(scope: CommandScope, key: string): string {
  return sha256(JSON.stringify([scope.issuer, scope.subject, scope.method, scope.path, key]));
}

/**
 * Names a command. With a key of the client, the command id is made from it (UUID v8), so that a repeat is answered with the
 * same id. Without one, the command id is a fresh *receipt*; sent back as the key of a repeat, it is recognised by itself and
 * gives the same identity.
 */
export function identifyCommand(
  scope: CommandScope,
  clientKey: string | undefined,
  sources: { readonly clock: Clock; readonly entropy: Entropy },
): CommandIdentity {
  if (clientKey !== undefined && !isReceipt(clientKey)) {
    const key = scopedKey(scope, clientKey);
    return { commandId: uuidFromBytes(Buffer.from(key, 'hex'), 8), key };
  }
  const commandId = clientKey?.toLowerCase() ?? newReceipt(sources.clock, sources.entropy);
  return { commandId, key: scopedKey(scope, commandId) };
}

/**
 * The id of the aggregate that a command creates without naming it: the same for every repeat. A UUID v8 from the client's
 * key; for a receipt, a UUID v7 of the receipt's time, so that ids still sort by age.
 */
export function createdAggregateId(identity: CommandIdentity): string {
  const bytes = Buffer.from(sha256(`aggregate:${identity.key}`), 'hex');
  if (!isReceipt(identity.commandId)) return uuidFromBytes(bytes, 8);
  bytes.set(uuidBytes(identity.commandId).subarray(0, TIME_BYTES));
  return uuidFromBytes(bytes, 7);
}

const TIME_BYTES = 6;
const RECEIPT_CHECKSUM_AT = 12;

/** A new command id that is recognised as ours later: a UUID v7 whose last 4 bytes are a checksum of its first 12. */
export function newReceipt(clock: Clock, entropy: Entropy): string {
  const bytes = uuidBytes(uuidV7(clock, entropy));
  bytes.set(receiptChecksum(bytes), RECEIPT_CHECKSUM_AT);
  return uuidFromBytes(bytes, 7);
}

/** Is `text`, in either case, a receipt? A UUID of other making passes for one with a chance of 2^-32. */
export function isReceipt(text: string): boolean {
  if (!isUuid(text) || text[14] !== '7') return false;
  const bytes = uuidBytes(text);
  return receiptChecksum(bytes).equals(bytes.subarray(RECEIPT_CHECKSUM_AT));
}

function receiptChecksum(bytes: Buffer): Buffer {
  return Buffer.from(sha256(bytes.subarray(0, RECEIPT_CHECKSUM_AT)), 'hex').subarray(0, 4);
}

/** In hex: in one call and as a text, a digest costs a fifth of one that is made in steps and as bytes. */
function sha256(data: string | Uint8Array): string {
  return hash('sha256', data, 'hex');
}
