import { mongoCollectionFault, mongoDatabaseFault, type TableSettings } from '@tributary/sync-config';

export interface MongoName {
  readonly database: string;
  readonly collection: string;
}

/** By table: a place of its own for each whose names MongoDB would refuse. The other tables stay where they are. */
export function mongoPlaces(tables: readonly TableSettings[]): ReadonlyMap<string, MongoName> {
  const fits = ({ database, name }: TableSettings) =>
    mongoDatabaseFault(database) === null && mongoCollectionFault(name) === null;
  const taken = new Set(tables.filter(fits).map(({ database, name }) => placeOf(database, name)));
  const places = new Map<string, MongoName>();
  for (const { table, database, name } of tables.filter((each) => !fits(each))) {
    const wanted = {
      database: fitting(database, mongoDatabaseFault),
      collection: fitting(name, mongoCollectionFault),
    };
    let place = wanted;
    for (let count = 2; taken.has(placeOf(place.database, place.collection)); count += 1)
      place = { ...wanted, collection: `${wanted.collection}_${count}` };
    taken.add(placeOf(place.database, place.collection));
    places.set(table, place);
  }
  return places;
}

/** Names of databases that differ in case alone cannot stand beside each other. */
const placeOf = (database: string, collection: string) => `${database.toLowerCase()}\0${collection}`;

/** The name itself, or one like it that MongoDB takes: at most 30 characters of up to 4 bytes, less what it refuses. */
function fitting(name: string, fault: (name: string) => string | null): string {
  if (fault(name) === null) return name;
  const cleaned = [...name.replace(/[/\\. "$\0]/g, '_')].slice(0, 15).join('');
  return fault(cleaned) === null ? cleaned : `source_${cleaned}`;
}
