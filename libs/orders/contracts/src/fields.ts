// The fields that events share. A contract states what a reader may rely on (types, signs, safe integers), not today's limits on
// what a command may ask for (200 items, 100 characters): those may be loosened without a new version of any event.
import { Type } from '@sinclair/typebox';

/** A UUID in lower case. */
export const uuid = Type.String({ pattern: '^[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}$' });

/** A text that says something. */
export const text = Type.String({ minLength: 1 });

/** A text, or null where the command had none. */
export const optionalText = Type.Union([text, Type.Null()]);

/** An ISO 4217 code; `XXX`, ISO's "no currency", stands in orders of the time before prices were recorded. */
export const currency = Type.String({ pattern: '^[A-Z]{3}$' });

export const productId = text;

export const quantity = Type.Integer({ minimum: 1, maximum: Number.MAX_SAFE_INTEGER });

/** Minor units of the order's currency: 1999 is 19.99 EUR. */
const unitPrice = Type.Integer({ minimum: 0, maximum: Number.MAX_SAFE_INTEGER });

export const items = Type.Array(Type.Object({ productId, quantity, unitPrice }), { minItems: 1 });

/** Every event names its order and that order's customer. */
export const order = { orderId: uuid, customerId: uuid };
