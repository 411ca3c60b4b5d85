import { Table } from '@mantine/core';
import styles from './parts.module.css';
import { valueText } from './format';

type Line = { readonly column: string } & Readonly<Record<string, unknown>>;

/** One line a column: its name, and a cell for each further field that some line has. */
export function Values({ lines, caption }: { lines: readonly Line[]; caption: string }) {
  const sides = [...new Set(lines.flatMap((line) => Object.keys(line)))].filter((name) => name !== 'column');
  return (
    <div className={styles['scroll']} tabIndex={0} role="region" aria-label={caption}>
      <Table withRowBorders={false} verticalSpacing={2}>
        <Table.Thead>
          <Table.Tr>
            <Table.Th scope="col">column</Table.Th>
            {sides.map((side) => (
              <Table.Th key={side} scope="col">
                {side}
              </Table.Th>
            ))}
          </Table.Tr>
        </Table.Thead>
        <Table.Tbody>
          {lines.map((line) => (
            <Table.Tr key={line.column}>
              <Table.Th scope="row">{line.column}</Table.Th>
              {sides.map((side) => (
                <Table.Td key={side}>
                  <code>{valueText(line[side])}</code>
                </Table.Td>
              ))}
            </Table.Tr>
          ))}
        </Table.Tbody>
      </Table>
    </div>
  );
}

/** A row as lines for `Values`. */
export const linesOf = (row: Readonly<Record<string, unknown>>): Line[] =>
  Object.entries(row).map(([column, value]) => ({ column, value }));
