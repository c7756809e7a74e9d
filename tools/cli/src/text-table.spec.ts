import { textList, textTable } from './text-table.js';

describe('a table for people', () => {
  it('has columns as wide as their widest cell, and a dash where there is nothing', () => {
    const rows = [
      ['a', 1, null],
      ['long', 22, 'x'],
    ];
    expect(textTable(['NAME', 'N', 'C'], rows)).toBe('NAME  N   C\na     1   -\nlong  22  x');
  });

  it('never hands control characters to a terminal', () => {
    expect(textList({ reason: 'red \u001b[31m\n\u0085' })).toBe('reason  red \\u001b[31m\\u000a\\u0085');
  });
});
