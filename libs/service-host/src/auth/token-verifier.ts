import { isUuid, type Clock } from '@chronicle/seams';
import { errors, jwtVerify, type JWTPayload } from 'jose';
import { Problem } from '../problem.js';
import type { KeySet } from './key-set.js';
import { Principal } from './principal.js';

/** Signatures that are accepted; a symmetric or unsigned token never is. */
const ALGORITHMS = ['RS256', 'ES256', 'EdDSA'];
/** How far the issuer's clock and ours may differ. */
const CLOCK_TOLERANCE_S = 5;

export interface TokenRules {
  readonly issuer: string;
  readonly audience: string;
  /** The claim that is the caller's customerId. */
  readonly customerClaim: string;
}

/**
 * Makes a {@link Principal} of an `Authorization` header. Throws the problem `unauthenticated`, with `WWW-Authenticate`, when
 * it is absent, is no bearer token, or the token is not signed by a known key, expired, not yet valid, or for others.
 */
export class TokenVerifier {
  constructor(
    private readonly keys: KeySet,
    private readonly rules: TokenRules,
    private readonly clock: Clock,
  ) {}

  async verify(authorization: string | undefined): Promise<Principal> {
    const token = /^Bearer +([^ ]+) *$/i.exec(authorization ?? '')?.[1];
    if (token === undefined) throw unauthenticated('a bearer token is required', 'Bearer');
    try {
      const { payload } = await jwtVerify(token, this.keys.find, {
        algorithms: ALGORITHMS,
        issuer: this.rules.issuer,
        audience: this.rules.audience,
        requiredClaims: ['exp', 'sub'],
        clockTolerance: CLOCK_TOLERANCE_S,
        currentDate: new Date(this.clock.now()),
      });
      return principalOf(payload, this.rules);
    } catch (error) {
      throw unauthenticated(reasonOf(error), 'Bearer error="invalid_token"', error);
    }
  }
}

function principalOf(claims: JWTPayload, { issuer, customerClaim }: TokenRules): Principal {
  if (typeof claims.sub !== 'string' || claims.sub === '')
    throw new errors.JWTClaimValidationFailed('no subject', claims, 'sub');
  const scope = typeof claims['scope'] === 'string' ? claims['scope'] : '';
  const customer = claims[customerClaim];
  const customerId = isUuid(customer) ? customer.toLowerCase() : null;
  return new Principal(issuer, claims.sub, new Set(scope.split(' ').filter((word) => word !== '')), customerId);
}

/** Says enough to correct the client, nothing of the keys. */
function reasonOf(error: unknown): string {
  if (error instanceof errors.JWTExpired) return 'the token has expired';
  if (error instanceof errors.JWTClaimValidationFailed)
    return `the claim "${error.claim}" of the token is missing or not accepted`;
  return 'the token cannot be verified';
}

function unauthenticated(detail: string, challenge: string, cause?: unknown): Problem {
  return new Problem('unauthenticated', detail, {}, { 'www-authenticate': challenge }, { cause });
}
