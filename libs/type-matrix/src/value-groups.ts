import { jsonTable } from './documents';
import { keyTables } from './keys';
import type { MatrixTable, Server } from './matrix-table';
import { nameTables } from './names';
import { numberTables } from './numbers';
import { shapeTable } from './shapes';
import { textTables } from './texts';
import { timeTables } from './times';

/** The tables of the matrix whose values do not depend on who writes them, by what they are about. */
export const valueGroups = (server: Server): Readonly<Record<string, readonly MatrixTable[]>> => ({
  numbers: numberTables(server),
  times: timeTables(),
  texts: textTables(),
  documents: [jsonTable(server)],
  shapes: [shapeTable(server)],
  names: nameTables(),
  keys: keyTables(),
});
