import type { SeededRandom } from '@tributary/testing';
import { one, type WeightedMaker } from './statement';

/** Equal to the collation where they differ in accents or case only, so that one row changes its spelling. */
const sensors = ['Zürich', 'zurich', 'ZÜRICH', 'Genève', 'Geneve', 'Ålesund', 'a:b'];
const instants = [
  '1000-01-01 00:00:00.000000',
  '2026-03-29 02:30:00.000001',
  '2026-03-29 02:30:00.000002',
  '2026-10-25 02:30:00.999999',
  '9999-12-31 23:59:59.999999',
];
const names = ['color', 'Color', 'size:x', '100%', 'größe', '😀'];

/** Statements on the tables whose rows, keys or settings are unusual. */
export function oddStatements(random: SeededRandom, note: () => string): WeightedMaker[] {
  const number = () => random.integer(0, 1_000_000);
  const sensor = () => random.pick(sensors);
  const instant = () => random.pick(instants);
  const person = () => random.integer(1, 40);
  const large = () => random.integer(1, 8);
  const orNull = <T>(value: T) => (random.chance(0.25) ? null : value);
  return [
    [
      3,
      () => [
        one('INSERT INTO readings VALUES (?) ON DUPLICATE KEY UPDATE v = VALUES(v)', [
          sensor(),
          instant(),
          number() / 8,
        ]),
      ],
    ],
    [
      2,
      () => [
        one(
          'UPDATE readings SET sensor = ?, at = ? WHERE sensor = ? AND at = ?',
          ...[sensor(), instant(), sensor(), instant()],
        ),
      ],
    ],
    [1, () => [one('UPDATE readings SET sensor = ? WHERE sensor = ?', sensor(), sensor())]],
    [1, () => [one('DELETE FROM readings WHERE sensor = ? AND at = ?', sensor(), instant())]],
    [
      1,
      // About every second one is larger than what is logged with its image (256 KiB).
      () => [
        one(
          'INSERT INTO large VALUES (?, ?, REPEAT(?, ?)) ON DUPLICATE KEY UPDATE n = n + 1, body = VALUES(body)',
          ...[large(), number(), 'ü%:"0123456789', random.pick([0, 1, 900, 20_000, 45_000])],
        ),
      ],
    ],
    [1, () => [one('UPDATE large SET n = ? WHERE id = ?', number(), large())]],
    [1, () => [one('UPDATE large SET id = ? WHERE id = ?', large(), large())]],
    [0.5, () => [one('DELETE FROM large WHERE id = ?', large())]],
    [
      3,
      () => [
        one(
          'INSERT INTO people VALUES (?) ON DUPLICATE KEY UPDATE nick = VALUES(nick), phone = VALUES(phone)',
          [
            person(),
            orNull(`ünit${number()}@example.org`),
            orNull(String(random.integer(0, 1e9)).slice(random.integer(0, 6))),
            orNull(note()),
            `secret ${number()}`,
            random.integer(0, 1),
          ],
        ),
      ],
    ],
    [2, () => [one('UPDATE people SET active = 1 - active WHERE id = ?', person())]],
    [1, () => [one('UPDATE people SET secret = ? WHERE id = ?', `secret ${number()}`, person())]],
    [1, () => [one('UPDATE people SET id = ? WHERE id = ?', person(), person())]],
    [1, () => [one('DELETE FROM people WHERE id = ?', person())]],
    [
      3,
      () => [one('REPLACE INTO settings VALUES (?)', [random.pick(names), orNull(note()), orNull(number())])],
    ],
    [1, () => [one('UPDATE settings SET a = NULL WHERE name = ?', random.pick(names))]],
    [1, () => [one('UPDATE settings SET name = ? WHERE name = ?', random.pick(names), random.pick(names))]],
    [1, () => [one('DELETE FROM settings WHERE name = ?', random.pick(names))]],
  ];
}
