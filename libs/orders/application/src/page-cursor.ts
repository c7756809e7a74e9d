import { createHmac, timingSafeEqual } from 'node:crypto';
import { isUuid } from '@chronicle/seams';

/** Where a page of a list ends: the sort key of its last order. */
export interface ListPosition {
  /** RFC 3339 UTC text with milliseconds: 24 characters. */
  readonly createdAt: string;
  readonly orderId: string;
}

const MAC_BYTES = 16;
const CREATED_AT = /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z$/;
const CREATED_AT_LENGTH = 24;

/**
 * Makes and reads the cursors of lists: a position, sealed with a key so that nobody can make one up, and bound to its list,
 * so that one of another customer or another status is as bad as a forged one. Processes with the same key read each other's.
 */
export class PageCursors {
  /** @param key at least 16 secret bytes; whoever knows them can make cursors (and learns nothing by it). */
  constructor(private readonly key: Uint8Array) {
    if (key.length < MAC_BYTES)
      throw new Error(`cursor key: found ${key.length} bytes, expected at least ${MAC_BYTES}`);
  }

  /** The cursor that goes on after `position` in `list` (any text that names the list and its partition). */
  seal(list: string, position: ListPosition): string {
    const text = position.createdAt + position.orderId;
    return Buffer.concat([this.mac(list, text), Buffer.from(text)]).toString('base64url');
  }

  /** The position in `cursor`, or undefined when it was not sealed with this key for `list`. */
  open(list: string, cursor: string): ListPosition | undefined {
    const bytes = Buffer.from(cursor, 'base64url');
    if (bytes.length <= MAC_BYTES || bytes.toString('base64url') !== cursor) return undefined;
    const text = bytes.toString('utf8', MAC_BYTES);
    if (!timingSafeEqual(bytes.subarray(0, MAC_BYTES), this.mac(list, text))) return undefined;
    const position = { createdAt: text.slice(0, CREATED_AT_LENGTH), orderId: text.slice(CREATED_AT_LENGTH) };
    return CREATED_AT.test(position.createdAt) && isUuid(position.orderId) ? position : undefined;
  }

  private mac(list: string, text: string): Buffer {
    return createHmac('sha256', this.key).update(`${list}\n${text}`).digest().subarray(0, MAC_BYTES);
  }
}
