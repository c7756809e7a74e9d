import { minTimeUuid } from './cdc-time.js';
import type { CdcRow } from './cdc-session.js';
import { LogGroupAssembler } from './log-group.js';
import { streamIdOf } from './fake-scylla.fixture.js';

const A = streamIdOf(1n, 0);
const B = streamIdOf(2n, 1);

function row(stream: Buffer, micros: bigint, seq: number, end: boolean | null = null): CdcRow {
  return { cdc$stream_id: stream, cdc$time: minTimeUuid(micros), cdc$batch_seq_no: seq, cdc$end_of_batch: end };
}

function shapes(pages: readonly (readonly CdcRow[])[]): readonly string[] {
  const assembler = new LogGroupAssembler();
  return pages.map((rows, index) =>
    assembler
      .add(rows, index === pages.length - 1)
      .map(({ micros, rows, defect }) => `${micros}:${rows.length}${defect ? ` ${defect}` : ''}`)
      .join(','),
  );
}

describe('log groups', () => {
  const rows = [row(A, 1n, 0, true), row(A, 2n, 0), row(A, 2n, 1), row(A, 2n, 2, true), row(B, 2n, 0, true)];

  it('trap 7.18: are whole wherever pages are cut', () => {
    expect(shapes([rows])).toEqual(['1:1,2:3,2:1']);
    expect(shapes([rows.slice(0, 2), rows.slice(2, 3), [], rows.slice(3)])).toEqual(['1:1', '', '', '2:3,2:1']);
    for (let cut = 0; cut <= rows.length; cut += 1) {
      expect(
        shapes([rows.slice(0, cut), rows.slice(cut)])
          .filter(Boolean)
          .join(),
      ).toBe('1:1,2:3,2:1');
    }
  });

  it('are handed on as soon as they are whole, also at the end of a page', () => {
    expect(shapes([rows.slice(0, 4), rows.slice(4)])).toEqual(['1:1,2:3', '2:1']);
  });

  it('trap 8.2: of two partitions in one stream at the same microsecond are two', () => {
    const other = minTimeUuid(2n);
    other.writeUInt8(0x81, 8);
    const twins = [row(A, 2n, 0, true), { ...row(A, 2n, 0, true), cdc$time: other }];
    expect(shapes([twins])).toEqual(['2:1,2:1']);
  });

  it('trap 8.3: without an end, with a gap, or with rows after the end are told', () => {
    expect(shapes([[row(A, 1n, 0), row(A, 1n, 1), row(A, 2n, 0, true)]])).toEqual(['1:2 no-end,2:1']);
    expect(shapes([[row(A, 1n, 0), row(A, 1n, 2, true)]])).toEqual(['1:2 sequence-gap']);
    expect(shapes([[row(A, 1n, 1, true)]])).toEqual(['1:1 sequence-gap']);
    expect(shapes([[row(A, 1n, 0, true), row(A, 1n, 1, true)]])).toEqual(['1:2 rows-after-end']);
    expect(shapes([[row(A, 1n, 0)], []])).toEqual(['', '1:1 no-end']);
  });
});
