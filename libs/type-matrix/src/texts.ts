import { blob, columnsTable, lenient, text, type MatrixTable } from './matrix-table';

const controls = String.fromCharCode(...Array.from({ length: 32 }, (_, at) => at), 127);
const quotes = `'"\`\\ \\n %_ ''""\\\\`;
/** Greek, Han, combining against composed, right-to-left, line separators, noncharacters, the last code point. */
const bmp = 'Ωλ 漢字 e\u0301 é \u05d0\u202e \u2028\u2029 \ufeff\ufffd\uffff';
const unicode = `${bmp} 😀👩‍👩‍👧 \u{1f1e9}\u{1f1ea} \u{10ffff}`;
const latin1 = 'café ÿ \u00a0 € ž ß';

export function textTables(): MatrixTable[] {
  const allBytes = Buffer.from(Array.from({ length: 256 }, (_, at) => at));
  return [
    columnsTable('texts', [
      {
        type: 'CHAR(10) CHARACTER SET latin1',
        // CHAR gives its blanks at the end away; VARCHAR keeps them.
        cells: [text('café', textOf('café   ')), text('  ÿ'), text(''), text('tab\t', textOf('tab\t'))],
      },
      {
        type: 'VARCHAR(60) CHARACTER SET latin1',
        cells: [text(`${latin1}  `), text(controls), text(quotes), text('')],
      },
      { type: 'CHAR(60) CHARACTER SET ucs2', cells: [text(bmp), text(controls), text(quotes)] },
      { type: 'VARCHAR(60) CHARACTER SET ucs2', cells: [text(`${bmp} `), text(quotes), text(' ')] },
      { type: 'CHAR(60) CHARACTER SET utf8mb4', cells: [text(unicode), text(controls), text(quotes)] },
      {
        type: 'VARCHAR(100) CHARACTER SET utf8mb4',
        cells: [
          text(unicode),
          text(`😀 ${controls} \0`),
          text(quotes),
          text(''),
          text('   '),
          text('null'),
          text('{"a":1}'),
        ],
      },
      {
        type: 'VARCHAR(60) CHARACTER SET utf8mb4 COLLATE utf8mb4_bin',
        cells: [text(`A a ä ${unicode}`), text('\0')],
      },
      { type: 'VARCHAR(100) CHARACTER SET utf16', cells: [text(unicode), text(quotes)] },
      { type: 'VARCHAR(60) CHARACTER SET utf32', cells: [text(unicode), text('\0x')] },
      { type: 'VARCHAR(60) CHARACTER SET utf8', cells: [text(bmp), text(controls)] },
      { type: 'VARCHAR(40) CHARACTER SET ascii', cells: [text(quotes), text(controls)] },
      { type: 'VARCHAR(20) CHARACTER SET sjis', cells: [text('表示 ソ\\'), text('ｱｲｳ')] },
      { type: 'VARCHAR(20) CHARACTER SET gbk', cells: [text('漢字 誠\\'), text("縗'")] },
      { type: 'VARCHAR(20) CHARACTER SET cp1251', cells: [text('Привет ё')] },
      { type: 'TINYTEXT CHARACTER SET latin1', cells: [text(latin1), text('x'.repeat(255))] },
      { type: 'TEXT CHARACTER SET utf8mb4', cells: [text(unicode.repeat(50)), text(controls), text('')] },
      { type: 'MEDIUMTEXT CHARACTER SET ucs2', cells: [text(bmp.repeat(500))] },
      { type: 'LONGTEXT CHARACTER SET utf8mb4', cells: [text('😀'.repeat(20_000)), text(quotes)] },
    ]),
    columnsTable('members', [
      {
        type: `ENUM('a','it''s','x,y','"q"','back\\\\slash',' lead','ünï','{}') CHARACTER SET utf8mb4`,
        cells: ['a', "it's", 'x,y', '"q"', 'back\\slash', ' lead', 'ünï', '{}'].map((label) => text(label)),
      },
      { type: `ENUM('','a')`, cells: [text(''), text('a')] },
      { type: `ENUM('a','b')`, cells: [text('a'), lenient(text('', "'no member'"))] },
      { type: `ENUM('é','ß') CHARACTER SET latin1`, cells: [text('é'), text('ß')] },
      { type: `ENUM('漢','字') CHARACTER SET ucs2`, cells: [text('漢'), text('字')] },
      { type: `ENUM('why?','10') CHARACTER SET latin1`, cells: [text('why?'), text('10')] },
      {
        type: `SET('z','it''s','"q"','back\\\\slash',' lead','ünï') CHARACTER SET utf8mb4`,
        cells: [
          set(['z']),
          set([]),
          set(['z', "it's", '"q"', 'back\\slash', ' lead', 'ünï']),
          // Written in another order than declared.
          { ...set(['z', 'ünï']), sql: textOf('ünï,z,z') },
        ],
      },
      { type: `SET('é','ß') CHARACTER SET latin1`, cells: [set(['é', 'ß']), set([])] },
      { type: `SET('漢','字') CHARACTER SET ucs2`, cells: [set(['字']), set(['漢', '字'])] },
      {
        type: `SET(${Array.from({ length: 64 }, (_, at) => `'m${at}'`).join()})`,
        cells: [set(['m0', 'm63']), set(Array.from({ length: 64 }, (_, at) => `m${at}`))],
      },
    ]),
    columnsTable('bytes', [
      {
        type: 'BINARY(4)',
        cells: [
          blob(Buffer.from('00ff0000', 'hex'), "x'00ff'"),
          blob(Buffer.from('20202020', 'hex')),
          blob(Buffer.alloc(4), "''"),
        ],
      },
      {
        type: 'VARBINARY(300)',
        cells: [
          blob(allBytes),
          blob(Buffer.alloc(0), "''"),
          blob(Buffer.from('0000', 'hex')),
          blob(Buffer.from('2020', 'hex')),
        ],
      },
      { type: 'TINYBLOB', cells: [blob(allBytes.subarray(1)), blob(Buffer.from('{"no":"json"}'))] },
      {
        type: 'BLOB',
        cells: [
          blob(Buffer.concat([allBytes, allBytes].map((part) => part.reverse()))),
          blob(Buffer.from('c328a0ff', 'hex')),
        ],
      },
      { type: 'MEDIUMBLOB', cells: [blob(allBytes), blob(Buffer.alloc(0), "''")] },
      {
        type: 'LONGBLOB',
        cells: [blob(Buffer.from('00', 'hex')), blob(Buffer.alloc(70_000, 0xff), "REPEAT(x'ff', 70000)")],
      },
    ]),
  ];
}

function textOf(value: string): string {
  return text(value).sql;
}

function set(members: string[]) {
  return { ...text(members.join(',')), mongo: members };
}
