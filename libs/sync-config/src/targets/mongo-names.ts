/**
 * What MongoDB's naming rules say against a database, one clause, or null
 * (https://www.mongodb.com/docs/manual/reference/limits/, Unix and Linux).
 */
export function mongoDatabaseFault(database: string): string | null {
  const character = /[/\\. "$\0]/.exec(database)?.[0];
  if (character !== undefined)
    return `MongoDB takes no database name with ${JSON.stringify(character)}: choose one without`;
  if (Buffer.byteLength(database) > 63) return 'MongoDB takes database names of at most 63 bytes';
  return ['admin', 'local', 'config'].includes(database.toLowerCase())
    ? `${database} is a database of MongoDB's own: choose another one`
    : null;
}

/** The same for a collection. */
export function mongoCollectionFault(collection: string): string | null {
  const character = /[$\0]/.exec(collection)?.[0];
  if (character !== undefined)
    return `MongoDB takes no collection name with ${JSON.stringify(character)}: choose one without`;
  if (/^(system)?\./.test(collection))
    return 'MongoDB takes no collection name that begins with "." or "system."';
  return Buffer.byteLength(collection) > 190 ? 'MongoDB takes collection names of at most 190 bytes' : null;
}
