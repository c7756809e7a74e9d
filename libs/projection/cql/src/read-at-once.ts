/**
 * What all sources give, as it comes: so many sources at a time, each read one step ahead. Throws what a source throws, after
 * what is under way has ended.
 */
export async function* readAtOnce<T>(
  sources: Iterable<AsyncIterable<T>>,
  most: number,
): AsyncGenerator<T, void, undefined> {
  const waiting = sources[Symbol.iterator]();
  const reading = new Map<AsyncIterator<T>, Promise<{ source: AsyncIterator<T>; step: IteratorResult<T> }>>();
  const read = (source: AsyncIterator<T>) =>
    reading.set(
      source,
      source.next().then((step) => ({ source, step })),
    );
  const begin = () => {
    const next = waiting.next();
    if (!next.done) read(next.value[Symbol.asyncIterator]());
  };
  for (let count = 0; count < most; count += 1) begin();
  try {
    while (reading.size > 0) {
      const { source, step } = await Promise.race(reading.values());
      if (step.done) {
        reading.delete(source);
        begin();
      } else {
        read(source);
        yield step.value;
      }
    }
  } finally {
    await Promise.allSettled(reading.values());
  }
}
