import { REMEMBERED_COMMANDS_MAX } from '@chronicle/event-sourcing-core';
import { commandIn, commandPlace, commandText, rememberedBy, type CommandEntry } from './command-entry.js';

const change: CommandEntry = {
  key: 'key "1"',
  bodyHash: 'body',
  firstSequence: 2,
  lastSequence: 3,
  ordinal: 2,
  expiresAt: 1_000,
};
const creation: CommandEntry = { ...change, firstSequence: 1, ordinal: 1, expiresAt: null };
const { ordinal: _ordinal, expiresAt: _expiresAt, ...command } = change;

describe('the entry of a command', () => {
  it.each([change, creation])('is read as it was written', (entry) => {
    expect(commandIn(commandText(entry))).toEqual(entry);
  });

  it('stands at a place of its key, behind all events and within a bigint', () => {
    expect(commandPlace('a')).toBe(0x4a978112ca1bbdcan);
    expect(commandPlace('b')).not.toBe(commandPlace('a'));
    for (let key = 0; key < 1_000; key += 1) {
      expect(commandPlace(String(key))).toBeGreaterThanOrEqual(2n ** 62n);
      expect(commandPlace(String(key))).toBeLessThan(2n ** 63n);
    }
  });

  it('is remembered until it expires, or so many newer ones were accepted', () => {
    const mostCommands = change.ordinal + REMEMBERED_COMMANDS_MAX;
    expect(rememberedBy(change, change.key, mostCommands - 1, 999)).toEqual(command);
    expect(rememberedBy(change, change.key, mostCommands - 1, 1_000)).toBeUndefined();
    expect(rememberedBy(change, change.key, mostCommands, 999)).toBeUndefined();
  });

  it('of a creation is remembered for ever', () => {
    expect(rememberedBy(creation, creation.key, 1_000_000, Number.MAX_SAFE_INTEGER)).toEqual({
      ...command,
      firstSequence: 1,
    });
  });

  it('is not taken for that of another key that has the same place', () => {
    expect(rememberedBy(change, 'another', 2, 0)).toBeUndefined();
  });
});
