import { overlap, type KeyPattern } from './key-pattern';

/** Where rows of a table stand in a target: a collection of MongoDB, or an index set and keys of Redis. */
export interface Place {
  /** Its name, which people read as well: `shop.users`, `shop:users with keys shop:users:*`. */
  readonly id: string;
  /** MongoDB: the database that holds the record of it. */
  readonly database: string;
  /** Redis: the keys that it takes. Empty where only the name counts. */
  readonly keys: readonly KeyPattern[];
}

/** A pipeline whose rows stand in a place. */
export interface PlaceOwner {
  /** 32 hex digits; empty: taken over for the pipeline of that name, whose identity was not known yet. */
  readonly pipeline: string;
  /** The topic prefix. */
  readonly name: string;
  readonly tables: readonly string[];
  /** Of the change log whose versions stand there. */
  readonly incarnation: string;
  /** The highest epoch that was ever written there: raised before rows of it are. */
  readonly epoch: number;
  /** Whether it lets other pipelines write there. */
  readonly shared: boolean;
  /** ISO time. */
  readonly since: string;
  /** Taken over from another pipeline: what stands there is right only after a load. */
  readonly taken?: boolean;
}

/** What a target's bookkeeping says of a place: one owner, or several that all share it. */
export interface PlaceRecord {
  readonly id: string;
  readonly keys: readonly KeyPattern[];
  readonly owners: readonly PlaceOwner[];
}

/** Whether two places have anything in common. */
export const collide = (a: Pick<Place, 'id' | 'keys'>, b: Pick<Place, 'id' | 'keys'>): boolean =>
  a.id === b.id || a.keys.some((one) => b.keys.some((other) => overlap(one, other)));
