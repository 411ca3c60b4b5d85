import type { SeededRandom } from '@tributary/testing';
import { oddStatements } from './odd-statements';
import { one, type Statement, type WeightedMaker } from './statement';

/** Which keys a writer works on: few, so that writers meet on the same rows. */
export interface KeyRoom {
  readonly items: readonly [number, number];
  readonly pairs: readonly [number, number];
  readonly counters: readonly [number, number];
  /** Also what locks ranges of rows, or rows that every writer uses. */
  readonly shared: boolean;
  /** A key of this writer alone, through which it swaps two others. */
  readonly spare: number;
}

const b = ['x', 'X', 'x:y', '%', 'ünï', '😀', "it's", 'a b', 'tab\there', '0'];
const stems = [
  'Tree',
  'tree',
  'TREE',
  'stone',
  'Stone',
  'stone ',
  'straße',
  'é',
  'E',
  'sea:shore',
  '100%',
  '😀 w',
];
const notes = ['plain', 'ünïcödé', '😀 emoji', `quote ' " \\ done`, 'line\nbreak', '', 'a:b%c', '日本語'];
/** Around 2^63, where BSON's integers end. */
const counterBase = 2n ** 63n - 30n;

/** Makes the statements of one writer; what it makes follows from its random stream alone, never from the data. */
export class StatementMaker {
  #serial = 0;
  readonly #kinds: readonly WeightedMaker[];

  constructor(
    private readonly random: SeededRandom,
    private readonly room: KeyRoom,
  ) {
    const points: WeightedMaker[] = [
      [6, () => [this.#upsertItem()]],
      [4, () => [this.#insertItem()]],
      [6, () => [this.#updateItem()]],
      [3, () => [one('DELETE FROM items WHERE id = ?', this.#item())]],
      [2, () => [one('UPDATE items SET id = ? WHERE id = ?', this.#item(), this.#item())]],
      [2, () => this.#swapItems()],
      [2, () => this.#deleteAndReinsert()],
      [3, () => [this.#replaceItem()]],
      [5, () => [this.#upsertPair()]],
      [2, () => [one('DELETE FROM pairs WHERE a = ? AND b = ?', this.#pair(), this.#pick(b))]],
      [
        2,
        () => [
          one(
            'UPDATE pairs SET a = ?, v = v + 1 WHERE a = ? AND b = ?',
            this.#pair(),
            this.#pair(),
            this.#pick(b),
          ),
        ],
      ],
      [4, () => [this.#upsertCounter()]],
      [1, () => [one('DELETE FROM counters WHERE id = ?', this.#counter())]],
    ];
    const shared: WeightedMaker[] = [
      [3, () => [this.#upsertWord()]],
      [
        2,
        () => [
          one('UPDATE words SET word = ?, n = n + 1 WHERE word = ?', this.#pick(stems), this.#pick(stems)),
        ],
      ],
      [1, () => [one('DELETE FROM words WHERE word = ?', this.#pick(stems))]],
      [
        1,
        () => [one('REPLACE INTO words VALUES (?, ?, ?)', this.#pick(stems), this.#number(), this.#note())],
      ],
      [2, () => this.#updateRange()],
      [1, () => this.#bulkInsert()],
      [
        1,
        () => [
          one('INSERT INTO bulk (src, note) SELECT id, note FROM items WHERE id % 40 = ?', this.#upTo(39)),
        ],
      ],
      [0.3, () => this.#copyMany()],
      [2, () => [one('DELETE FROM bulk WHERE id % 23 = ? LIMIT 30', this.#upTo(22))]],
      [0.3, () => [one('DELETE FROM bulk WHERE id % 3 = ?', this.#upTo(2))]],
      [1, () => [this.#updateTwoTables()]],
      [0.5, () => [one('DELETE i, b FROM items i JOIN bulk b ON b.src = i.id WHERE i.id = ?', this.#item())]],
      [1, () => [this.#loadData()]],
      [1, () => [one('UPDATE IGNORE items SET code = ? WHERE id = ?', this.#upTo(60), this.#item())]],
      [1, () => [one('INSERT IGNORE INTO items (id, code) VALUES (?, ?)', this.#item(), this.#upTo(60))]],
      [1, () => [one('UPDATE pairs SET a = a + 1 WHERE a = ? ORDER BY a DESC', this.#pair())]],
      [
        3,
        () => [
          one('REPLACE INTO children VALUES (?, ?, ?, ?)', this.#child(), ...this.#parents(), this.#number()),
        ],
      ],
      [
        2,
        () => [
          one(
            'INSERT INTO parents VALUES (?, ?) ON DUPLICATE KEY UPDATE v = v + 1',
            this.#parent(),
            this.#number(),
          ),
        ],
      ],
      [1, () => [one('UPDATE parents SET id = ? WHERE id = ?', this.#parent(), this.#parent())]],
      [1, () => [one('DELETE FROM parents WHERE id = ?', this.#parent())]],
      ...oddStatements(random, this.#note),
    ];
    this.#kinds = room.shared ? [...points, ...shared] : points;
  }

  /** One to three statements that belong together. */
  next(): Statement[] {
    let left = this.random.next() * this.#kinds.reduce((sum, [weight]) => sum + weight, 0);
    for (const [weight, make] of this.#kinds) if ((left -= weight) < 0) return make();
    return [this.#updateItem()];
  }

  #insertItem(): Statement {
    return one('INSERT INTO items VALUES (?)', [this.#item(), ...this.#itemValues()]);
  }

  #replaceItem(): Statement {
    return one('REPLACE INTO items VALUES (?)', [this.#item(), ...this.#itemValues()]);
  }

  #upsertItem(): Statement {
    return one(
      'INSERT INTO items VALUES (?) ON DUPLICATE KEY UPDATE note = ?, price = price + 0.0001, doc = VALUES(doc)',
      [this.#item(), ...this.#itemValues()],
      this.#note(),
    );
  }

  #updateItem(): Statement {
    const [column, value] = this.#pick<[string, unknown]>([
      ['note', this.#note()],
      ['price', `${this.#number()}.${String(this.#upTo(9999)).padStart(4, '0')}`],
      ['ratio', this.#number() / 8],
      ['raw', this.#bytes()],
      ['at', null],
      ['code', null],
    ]);
    return one(`UPDATE items SET ${column} = ? WHERE id = ?`, value, this.#item());
  }

  #itemValues(): unknown[] {
    const { random } = this;
    const digits = (count: number, most: number) => String(this.#upTo(most)).padStart(count, '0');
    const day = `20${digits(2, 37)}-0${random.integer(1, 9)}-1${this.#upTo(9)} 0${this.#upTo(9)}:${digits(2, 59)}:${digits(2, 59)}`;
    return [
      random.chance(this.room.shared ? 0.15 : 0) ? this.#upTo(60) : null,
      random.chance(0.1) ? null : this.#note(),
      `${random.integer(-1e9, 1e9)}.${digits(4, 9999)}`,
      random.integer(-1e6, 1e6) / 8,
      `${day}.${digits(3, 999)}`,
      `${day}.${digits(6, 999_999)}`,
      this.#bytes(),
      random.integer(0, 1),
      this.#pick(['', 'a', 'b,c', 'a,b,c', null]),
      JSON.stringify({ a: [1, null, this.#number()], k: this.#number(), s: this.#note() }),
    ];
  }

  #swapItems(): Statement[] {
    const [first, second] = [this.#item(), this.#item()];
    const move = (from: number, to: number) => one('UPDATE items SET id = ? WHERE id = ?', to, from);
    return [move(first, this.room.spare), move(second, first), move(this.room.spare, second)];
  }

  #deleteAndReinsert(): Statement[] {
    const id = this.#item();
    return [
      one('DELETE FROM items WHERE id = ?', id),
      one('INSERT INTO items VALUES (?)', [id, ...this.#itemValues()]),
    ];
  }

  #upsertPair(): Statement {
    const w = String(BigInt(this.#number()) * 9_007_199_254n - 2n ** 60n);
    const rows = Array.from({ length: this.random.integer(1, 3) }, () => [
      this.#pair(),
      this.#pick(b),
      this.#number(),
      w,
    ]);
    return one('INSERT INTO pairs VALUES ? ON DUPLICATE KEY UPDATE v = VALUES(v), w = w + 1', rows);
  }

  #upsertWord(): Statement {
    return one('INSERT INTO words VALUES (?) ON DUPLICATE KEY UPDATE n = n + 1, body = VALUES(body)', [
      this.#pick(stems),
      this.#number(),
      this.#note().repeat(this.random.integer(1, 40)),
    ]);
  }

  #upsertCounter(): Statement {
    return one('INSERT INTO counters VALUES (?) ON DUPLICATE KEY UPDATE n = n - 1, u = u - 1', [
      this.#counter(),
      -this.#number(),
      String(2n ** 64n - 1n - BigInt(this.#number())),
    ]);
  }

  #updateRange(): Statement[] {
    const from = this.#item();
    return [
      one(
        'UPDATE items SET note = ?, ratio = ratio + 1 WHERE id BETWEEN ? AND ?',
        this.#note(),
        from,
        from + 12,
      ),
    ];
  }

  #bulkInsert(): Statement[] {
    const rows = Array.from({ length: this.random.integer(5, 25) }, () => [this.#number(), this.#note()]);
    return [one('INSERT INTO bulk (src, note) VALUES ?', rows)];
  }

  /** Some hundred rows by one statement. */
  #copyMany(): Statement[] {
    const copies = this.random.integer(1, 3);
    return [
      one(
        'INSERT INTO bulk (src, note) SELECT i.id, i.note FROM items i JOIN parents p ON p.id <= ?',
        copies,
      ),
    ];
  }

  #updateTwoTables(): Statement {
    return one(
      'UPDATE items i JOIN bulk b ON b.src = i.id SET i.note = ?, b.note = ? WHERE i.id = ?',
      ...[this.#note(), this.#note(), this.#item()],
    );
  }

  #loadData(): Statement {
    const rows = Array.from(
      { length: this.random.integer(3, 12) },
      () => `${this.#item()}\tloaded ${this.#number()}\t1.5000\n`,
    );
    return {
      sql: `LOAD DATA LOCAL INFILE 'rows' ${this.#pick(['REPLACE', 'IGNORE'])} INTO TABLE items CHARACTER SET utf8mb4 (id, note, price)`,
      infile: rows.join(''),
    };
  }

  #pick = <T>(items: readonly T[]): T => this.random.pick(items);
  #upTo = (most: number) => this.random.integer(0, most);
  #number = () => this.random.integer(0, 1_000_000);
  #item = () => this.random.integer(...this.room.items);
  #pair = () => this.random.integer(...this.room.pairs);
  #child = () => this.random.integer(1, 60);
  #parent = () => this.random.integer(1, 15);
  #parents = () => [this.#parent(), this.random.chance(0.5) ? this.#parent() : null];
  #counter = () => {
    const id = BigInt(this.random.integer(...this.room.counters));
    return String(this.random.chance(0.5) ? counterBase + id : id);
  };
  #bytes = () => Buffer.from(Array.from({ length: this.#upTo(12) }, () => this.#upTo(255)));
  /** Numbered, so that a stale row can be told from a fresh one and its statement found in the log. */
  #note = () => `${this.#pick(notes)} ${this.room.spare}.${(this.#serial += 1)}`;
}
