/** What other parts may know of a seat: its events, every version of them, and how an old one is read today. */
export type SeatEvent =
  | { readonly type: 'SeatOffered'; readonly data: { readonly seatId: string; readonly row: number } }
  | { readonly type: 'SeatReserved'; readonly data: { readonly guest: string; readonly companions: number } }
  | { readonly type: 'SeatReleased'; readonly data: { readonly guest: string } };

const required = (...fields: readonly string[]) => ({
  schema: { type: 'object', required: fields },
  violations: (data: unknown) => fields.filter((field) => !Object.hasOwn(data as object, field)),
});

export const seatEventContracts = {
  SeatOffered: { currentVersion: 1, versions: { 1: required('seatId', 'row') }, upcasters: {} },
  SeatReserved: {
    currentVersion: 2,
    versions: { 1: required('guest'), 2: required('guest', 'companions') },
    upcasters: { 1: (data: object) => ({ ...data, companions: 0 }) },
  },
  SeatReleased: { currentVersion: 1, versions: { 1: required('guest') }, upcasters: {} },
};
