import type { SeatEvent } from './seat-contracts.fixture.js';

/** A seat: what can be asked of it, what it refuses, what it becomes. Pure, and knows nothing of event sourcing. */
export interface SeatState {
  readonly row: number;
  readonly guest: string | null;
  readonly reservations: number;
  readonly version: number;
}

export type SeatCommand =
  | { readonly type: 'OfferSeat'; readonly seatId: string; readonly row: number }
  | { readonly type: 'ReserveSeat'; readonly guest: string }
  | { readonly type: 'ReleaseSeat' };

export type SeatRefusal = 'seat-not-found' | 'seat-exists' | 'seat-taken' | 'seat-free';

type Recorded = SeatEvent & { readonly sequenceNumber: number };
type Decision =
  | { readonly outcome: 'accepted'; readonly events: readonly SeatEvent[] }
  | { readonly outcome: 'refused'; readonly refusal: SeatRefusal };

export const seatAggregate = {
  aggregateType: 'Seat',
  snapshotVersion: 1,
  first(event: Recorded): SeatState {
    if (event.type !== 'SeatOffered') throw new Error(`a seat begins with SeatOffered, not with ${event.type}`);
    return { row: event.data.row, guest: null, reservations: 0, version: event.sequenceNumber };
  },
  apply(state: SeatState, event: Recorded): SeatState {
    const version = event.sequenceNumber;
    if (event.type !== 'SeatReserved') return { ...state, guest: null, version };
    return { ...state, guest: event.data.guest, reservations: state.reservations + 1, version };
  },
  handle(state: SeatState | undefined, command: SeatCommand): Decision {
    if (command.type === 'OfferSeat') {
      const { seatId, row } = command;
      return state ? refused('seat-exists') : accepted({ type: 'SeatOffered', data: { seatId, row } });
    }
    if (!state) return refused('seat-not-found');
    if (command.type === 'ReserveSeat') {
      const data = { guest: command.guest, companions: 0 };
      return state.guest === null ? accepted({ type: 'SeatReserved', data }) : refused('seat-taken');
    }
    const { guest } = state;
    return guest === null ? refused('seat-free') : accepted({ type: 'SeatReleased', data: { guest } });
  },
  isState: (value: unknown): value is SeatState =>
    typeof value === 'object' && value !== null && 'reservations' in value,
};

const accepted = (event: SeatEvent): Decision => ({ outcome: 'accepted', events: [event] });
const refused = (refusal: SeatRefusal): Decision => ({ outcome: 'refused', refusal });
