/** A row that a target cannot hold; `message` is the dead letter's reason and holds no column value. */
export class UnmappableError extends Error {
  override readonly name = 'UnmappableError';
}
