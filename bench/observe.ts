/** A window of fixed length in which the bench only watches. Never a way to wait for something to be done. */
export function observe(milliseconds: number): Promise<void> {
  return new Promise((resolve) => {
    setTimeout(() => resolve(), milliseconds);
  });
}
