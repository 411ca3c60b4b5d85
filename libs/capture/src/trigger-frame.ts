import { mysqlErrno } from '@tributary/kernel';
import { forcedIds } from './capture-tables';
import type { Flavour } from './flavour';
import { quoteIdentifier } from './identifiers';
import type { UsualChange } from './usual-change';

/** Where a trigger belongs, and what its session can have set. */
export interface TriggerFrame {
  /** The database of the trigger's table. */
  readonly database: string;
  readonly captureSchema: string;
  readonly flavour: Flavour;
  /** For AFTER INSERT: the table's AUTO_INCREMENT column, which has the first claim on a forced id. */
  readonly counter?: string | undefined;
  /** Whether its own block reads tables, as those for cascades do. */
  readonly reads: boolean;
  /** What its own block need not be run for. */
  readonly usual?: UsualChange | undefined;
}

const FORCED = '`tributary$forced`';
const ZERO = '`tributary$zero`';
const BOUND = '`tributary$bound`';
const RELAXED = '`tributary$relaxed`';
const STEP = '`tributary$step`';
const FIRST = '`tributary$first`';
const CHANGE = '`tributary$change`';
/** Beyond it an id is too near to the end of the counter to be taken by any table. */
const MAX_FORCED = '9223372036854775807';

/**
 * Whether a trigger stands in the database that it was made for: DATABASE() is the trigger's own, and a dump that is
 * restored into another one must log nothing.
 */
function homeCondition(database: string): string {
  const name = nameLiteral(database);
  return `IF(@@lower_case_table_names = 0, ${atHome(database)}, LOWER(DATABASE()) = LOWER(CONVERT(${name} USING utf8mb4)))`;
}

const atHome = (database: string) => `BINARY DATABASE() = ${nameLiteral(database)}`;
const nameLiteral = (database: string) => `X'${Buffer.from(database, 'utf8').toString('hex').toUpperCase()}'`;

/** Whether a trigger's text says that it logs nothing in the database in which it stands. */
export const isInert = (body: string, database: string) =>
  body.includes('BINARY DATABASE() = ') && !body.includes(homeCondition(database));

/**
 * A trigger's whole text: first the usual change, where the session has set nothing that could touch the log; where it
 * has, or the statement of the usual change fails, the own block in its frame.
 */
export function framed(body: string, frame: TriggerFrame): string {
  const maria = frame.flavour === 'mariadb';
  return [
    'BEGIN',
    ...(maria ? [] : [`  DECLARE ${ZERO} BOOL DEFAULT FALSE;`]),
    `  ${CHANGE}: BEGIN`,
    ...(frame.usual ? usually(frame.usual, frame) : []),
    ...ownBlock(body, frame),
    '  END;',
    'END',
  ].join('\n');
}

/**
 * One statement in place of a dozen. An id 0 that a session of MySQL has forced (`withNaturalId`) shows in that the log
 * made none, or has that entry already: then the change is logged once more by the own block.
 */
function usually({ condition, idle, insert }: UsualChange, { database, flavour }: TriggerFrame): string[] {
  const maria = flavour === 'mariadb';
  const plain = ['@@insert_id = 0', '@@auto_increment_increment = 1', ...(maria ? ['@@unique_checks'] : [])];
  const leave = `LEAVE ${CHANGE};`;
  return [
    '    BEGIN',
    ...(maria ? [] : [`      DECLARE EXIT HANDLER FOR ${mysqlErrno.DUP_ENTRY} SET ${ZERO} = TRUE;`]),
    '      DECLARE EXIT HANDLER FOR SQLEXCEPTION BEGIN END;',
    `      IF ${[atHome(database), ...plain, ...condition].join(' AND ')} THEN`,
    ...(idle === null ? [] : [`        IF ${idle} THEN ${leave} END IF;`]),
    `        ${insert}`,
    ...(maria
      ? [`        ${leave}`]
      : [`        IF LAST_INSERT_ID() <> 0 THEN ${leave} END IF;`, `        SET ${ZERO} = TRUE;`]),
    '      END IF;',
    '    END;',
  ];
}

/**
 * The own block in a frame which keeps it and the session out of each other's way: a forced id
 * goes to no log entry and is still there afterwards for the application's next insert; an entry is inserted with
 * unique_checks on, since without them MariaDB locks the whole log as long as it is empty, and in steps of one, since
 * InnoDB sets a counter back when a session uses a table that one with larger steps had open; and a limit that the
 * session has set for its own joins does not end a look at the children of a cascade.
 */
function ownBlock(
  body: string,
  { database, captureSchema, flavour, counter, reads }: TriggerFrame,
): string[] {
  const maria = flavour === 'mariadb';
  const switches = [
    ...(maria ? [{ flag: RELAXED, name: 'unique_checks' }] : []),
    ...(reads ? [{ flag: BOUND, name: 'sql_big_selects' }] : []),
  ];
  const turn = (to: 0 | 1, step: string, first: string) => [
    ...switches.map(({ flag, name }) => `        IF ${flag} THEN SET SESSION ${name} = ${to}; END IF;`),
    `        IF ${STEP} <> 1 THEN SET SESSION auto_increment_increment = ${step}, auto_increment_offset = ${first}; END IF;`,
  ];
  return [
    '    BEGIN',
    `      DECLARE ${FORCED} BIGINT UNSIGNED DEFAULT @@insert_id;`,
    `      DECLARE ${STEP} INT DEFAULT @@auto_increment_increment;`,
    `      DECLARE ${FIRST} INT DEFAULT @@auto_increment_offset;`,
    ...switches.map(({ flag, name }) => `      DECLARE ${flag} BOOL DEFAULT NOT @@${name};`),
    `      IF ${homeCondition(database)} THEN`,
    ...turn(1, '1', '1'),
    `        IF ${FORCED} <> 0 THEN`,
    '          BEGIN',
    `            DECLARE EXIT HANDLER FOR ${mysqlErrno.DUP_ENTRY} BEGIN END;`,
    `            IF ${FORCED} > ${MAX_FORCED} THEN SET SESSION insert_id = 1; END IF;`,
    `            INSERT INTO ${forcedIds(captureSchema)} (session) VALUES (CONNECTION_ID());`,
    '          END;',
    '        END IF;',
    // As it is: a name may hold a line break, which an indent would change.
    `${body};`,
    ...turn(0, STEP, FIRST),
    `        IF ${FORCED} <> 0 THEN`,
    ...restored(counter),
    '        END IF;',
    ...(maria ? [] : [`        IF ${ZERO} THEN SET SESSION insert_id = 0; END IF;`]),
    '      END IF;',
    '    END;',
  ];
}

/** Gives the forced id back, unless the row itself has taken it. */
function restored(counter: string | undefined): string[] {
  const restore = `SET SESSION insert_id = ${FORCED};`;
  if (counter === undefined) return [`          ${restore}`];
  return [
    '          BEGIN',
    '            DECLARE EXIT HANDLER FOR SQLEXCEPTION BEGIN END;',
    `            IF NOT (NEW.${quoteIdentifier(counter)} >= ${FORCED}) THEN ${restore} END IF;`,
    '          END;',
  ];
}

/**
 * An insert into the log as a statement list. On MySQL a session can force the id 0 as well (`SET insert_id = 0`), which
 * nothing shows beforehand, and which would stand before every older entry: such a change is logged once more.
 */
export function withNaturalId(insert: string, flavour: Flavour): string {
  if (flavour === 'mariadb') return insert;
  return (
    `DO LAST_INSERT_ID(0); BEGIN DECLARE CONTINUE HANDLER FOR ${mysqlErrno.DUP_ENTRY} BEGIN END; ${insert} END; ` +
    `IF LAST_INSERT_ID() = 0 THEN SET ${ZERO} = TRUE; ${insert} END IF;`
  );
}
