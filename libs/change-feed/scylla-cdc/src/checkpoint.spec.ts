import { checkpointAt, checkpointText, parseCheckpoint, timeOfCheckpoint } from './checkpoint.js';
import { CheckpointInvalidError } from './errors.js';

describe('checkpoints', () => {
  it('keep the log generation and the time to the microsecond', () => {
    const place = { generation: 1764097401123000n, time: 1764097402000001n, lookBackFrom: 1764096800000000n };
    expect(checkpointText(place)).toBe('v1/1764097401123/1764097402000001/1764096800000000');
    expect(parseCheckpoint(checkpointText(place))).toEqual(place);
  });

  it('can be made of a time alone', () => {
    expect(parseCheckpoint(checkpointAt(new Date(1764097402000)))).toEqual({
      generation: undefined,
      time: 1764097402000000n,
      lookBackFrom: 1764097402000000n,
    });
  });

  it('tell how far they have come', () => {
    expect(timeOfCheckpoint('v1/1764097401123/1764097402000001/1764096800000000')).toBe(1764097402000001n);
  });

  it.each(['', 'v2/1/2', 'v1/1', 'v1/1/2', 'v1/x/1/1', '1764097402000000'])('refuse %p', (text) => {
    expect(() => parseCheckpoint(text)).toThrow(CheckpointInvalidError);
  });
});
