/** Windows of which a row is remembered. */
const WITNESSES_MAX = 20_000;

/**
 * Of windows that have rows, one each: while only others of a window are deleted, nobody needs to look whether it still has rows.
 * What is remembered is what this process itself has written as the owner, so nobody else takes it away.
 */
export class Witnesses {
  readonly #rows = new Map<string, string>();

  see(window: string, row: string): void {
    this.#rows.delete(window);
    this.#rows.set(window, row);
    if (this.#rows.size > WITNESSES_MAX) this.#rows.delete(this.#rows.keys().next().value!);
  }

  lose(window: string, row: string): void {
    if (this.#rows.get(window) === row) this.#rows.delete(window);
  }

  has(window: string): boolean {
    return this.#rows.has(window);
  }
}
