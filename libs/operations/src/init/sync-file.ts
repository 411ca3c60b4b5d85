import { mongoCollectionFault, mongoDatabaseFault } from '@tributary/sync-config';
import { stringify } from 'yaml';
import { decision, suggestedMask } from './column-advice';
import { comment, onOneLine } from './comment';
import { mongoPlaces, type MongoName } from './mongo-places';
import type { PipelineNames } from './names';
import type { Survey, SurveyedTable, UnfitTable } from './survey';

/** The sync file of a survey: every table that can be captured as an entry, what somebody may decide as a comment. */
export function syncFileText({ tables, leftOut, server }: Survey, names: PipelineNames): string {
  const places = mongoPlaces(tables.map(({ plan }) => plan.settings));
  return [
    comment(
      `Which tables go where: written by "tributary init" from ${server.flavour === 'mysql' ? 'MySQL' : 'MariaDB'} ${server.version}. It can be used as it stands; what is commented out is for you to decide. docs/reference/sync-file.md has every option, "tributary config check" says what the file comes to.`,
      '# ',
    ),
    '\n',
    '# Partitions are fixed once the topics exist.\n',
    `topics: { prefix: ${scalar(names.prefix)}, partitions: 12 }\n`,
    '# The database on the source that holds the change log.\n',
    `capture: { schema: ${scalar(names.captureSchema)} }\n`,
    '\n',
    comment(
      'A pattern such as database.* takes in every table, those of later days too; an entry of its own then adds to it. Rows and sizes are estimates of the server.',
      '# ',
    ),
    'tables:\n',
    ...tables.map((table) => entryText(table, places.get(table.table))),
    ...leftOut.map(leftOutText),
  ].join('');
}

function entryText({ table, rows, bytes, plan }: SurveyedTable, place: MongoName | undefined): string {
  const { columns } = plan.schema;
  const key = plan.keyColumns.map(quoted).join(', ');
  const masks = columns.flatMap(({ name }) => {
    const mask = plan.keyColumns.includes(name) ? undefined : suggestedMask(name);
    return mask ? [`${scalar(name)}: ${mask}`] : [];
  });
  const decisions = columns.flatMap((column) => {
    const text = decision(column);
    return text ? [comment(`${quoted(column.name)} ${column.sqlType}: ${text}.`, '    # ')] : [];
  });
  return [
    `  - table: ${scalar(table)}\n`,
    comment(`About ${rows.toLocaleString('en-US')} rows, ${bytesText(bytes)}; key: ${key}.`, '    # '),
    ...decisions,
    ...(masks.length > 0
      ? [
          '    # These names look like personal data or secrets; to hide them from the topics and the targets:\n',
          `    # columns: { mask: { ${masks.join(', ')} } }\n`,
        ]
      : []),
    ...(place ? placeText(table, place) : []),
  ].join('');
}

/** Active, since what MongoDB refuses would become dead letters. */
function placeText(table: string, { database, collection }: MongoName): string[] {
  const dot = table.indexOf('.');
  const [written, name] = [table.slice(0, dot), table.slice(dot + 1)];
  const fault = mongoDatabaseFault(written) ?? mongoCollectionFault(name);
  return [
    comment(`${fault}. This is one:`, '    # '),
    `    mongo: { database: ${scalar(database)}, collection: ${scalar(collection)} }\n`,
  ];
}

const leftOutText = ({ table, message }: UnfitTable) =>
  `  # - table: ${onOneLine(scalar(table))}\n${comment(`Cannot be captured: ${message}`, '  #   # ')}`;

const quoted = (name: string) => `\`${name}\``;

/** A text as YAML reads it back, on one line, also between braces. */
function scalar(text: string): string {
  const plain = /^[\p{L}\p{N}_.-]+$/u.test(text) && stringify(text).trimEnd() === text;
  return plain ? text : JSON.stringify(text);
}

function bytesText(bytes: number): string {
  const units = ['bytes', 'KiB', 'MiB', 'GiB', 'TiB'];
  const step = bytes < 1 ? 0 : Math.min(units.length - 1, Math.floor(Math.log2(bytes) / 10));
  return `${(bytes / 1024 ** step).toFixed(step === 0 ? 0 : 1)} ${units[step]}`;
}
