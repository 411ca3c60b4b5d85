import { mysqlErrno } from '@tributary/kernel';
import { matchOf, sourceOf, type CascadeNode } from './cascade-tree';

const GIVES_UP = [
  mysqlErrno.TABLEACCESS_DENIED,
  mysqlErrno.NO_SUCH_TABLE,
  mysqlErrno.BAD_FIELD,
  mysqlErrno.KEY_DOES_NOT_EXIST,
  mysqlErrno.CANT_UPDATE_USED_TABLE_IN_SF_OR_TRG,
].join(', ');

/**
 * Locks the rows that a cascade is about to change as the cascade itself does: exclusively, parent by parent and
 * depth first, in the order of the foreign key's index. The statements that log them lock in shared mode only, and
 * a shared lock that becomes an exclusive one later is a deadlock with whoever waits for the row in between. Reading
 * without locks would miss what another transaction commits while the cascade waits for it.
 *
 * A server does not let a trigger lock tables exclusively which the statement itself uses (error 1442): `used`, the
 * table of the trigger, is read in shared mode, and a statement that joins a child goes on with the shared locks,
 * which it holds anyway.
 */
export function lockStatements(nodes: readonly CascadeNode[], parent: string, used: string): string[] {
  const walks = nodes.filter((node) => locksExclusively(node, used)).map((node) => walk(node, parent, used));
  if (walks.length === 0) return [];
  return [
    'BEGIN',
    '  DECLARE `tributary$locked` BIGINT;',
    `  DECLARE EXIT HANDLER FOR ${GIVES_UP} BEGIN END;`,
    `  SELECT ${walks.join(' + ')} INTO \`tributary$locked\`;`,
    'END;',
  ];
}

/** Tables that the statements lock exclusively, for which MySQL asks more than SELECT of the definer. */
export const lockedTables = (nodes: readonly CascadeNode[], used: string): string[] =>
  nodes.flatMap(({ table, below }) => [...(table === used ? [] : [table]), ...lockedTables(below, used)]);

const locksExclusively = (node: CascadeNode, used: string): boolean =>
  node.table !== used || node.below.some((below) => locksExclusively(below, used));

/** Subqueries are run for each row as it is read: depth first. */
function walk(node: CascadeNode, parent: string, used: string): string {
  const below = node.below
    .filter((child) => locksExclusively(child, used))
    .map((child) => ` + IFNULL(SUM(${walk(child, node.alias, used)}), 0)`);
  const mode = node.table === used ? 'LOCK IN SHARE MODE' : 'FOR UPDATE';
  return `(SELECT COUNT(*)${below.join('')} FROM ${sourceOf(node)} WHERE ${matchOf(node, parent)} ${mode})`;
}
