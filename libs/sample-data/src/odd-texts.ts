/** Texts that break naive pipelines: each must reach the targets character for character. */
export const oddTexts: readonly string[] = [
  '🦑 team 👩‍👩‍👧‍👦 🏳️‍🌈', // joined and 4-byte emoji
  'Ünïcødé, naïve café — Ελληνικά, русский, 日本語, العربية',
  'e\u0301 is not \u00e9', // combining and composed form
  '\u202eright to left\u202c',
  'zero\u200bwidth\ufeffmarks',
  'line one\nline two\r\nline three\ttabbed',
  'quotes \' " ` and back\\slash \\n \\u0041 and %s %d ${x} {{y}}',
  "'); DROP TABLE users; --",
  '{"looks": ["like", "JSON"], "n": 9007199254740993}',
  'a:b:c/d?e=f&g=h#i {user_id} *', // what key layouts and patterns use themselves
  'control \u0001 \u0007 \u001b[31m \u007f',
  ' leading and trailing blanks ',
  'NULL',
  '0',
  '',
  '\u{10ffff}\u{1f4a9}\ud7ff\ue000', // the ends of the code space
];
