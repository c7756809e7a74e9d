/** The name that takes the fewest single-letter changes to get to from `text`; the first of equals. */
export function nearest(text: string, names: readonly string[]): string {
  const distances = names.map((name) => distance(text, name));
  return names[distances.indexOf(Math.min(...distances))]!;
}

/** Letters to insert, delete or replace to turn `left` into `right` (Levenshtein). */
function distance(left: string, right: string): number {
  let previous = Array.from({ length: right.length + 1 }, (_, index) => index);
  for (let row = 1; row <= left.length; row += 1) {
    const current = [row];
    for (let column = 1; column <= right.length; column += 1) {
      const replaced = previous[column - 1]! + (left[row - 1] === right[column - 1] ? 0 : 1);
      current.push(Math.min(replaced, previous[column]! + 1, current[column - 1]! + 1));
    }
    previous = current;
  }
  return previous.at(-1)!;
}
