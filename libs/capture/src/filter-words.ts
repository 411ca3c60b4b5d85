/**
 * What a row filter may be made of: everything whose result depends on its arguments alone, in every session. What
 * a trigger keeps from its creation (sql_mode, character sets, collations) is the same everywhere; zone, locale, week
 * format, precision of divisions and variables are the session's.
 */
export const safeFunctions = new Set(
  `abs ascii bin bit_count bit_length cast ceil ceiling char char_length character_length coalesce concat concat_ws
  conv convert crc32 date date_add date_format date_sub adddate subdate datediff day dayofmonth dayofweek dayofyear elt exp
  extract field find_in_set floor from_days greatest hex hour if ifnull inet_aton inet_ntoa insert instr isnull json_contains
  json_contains_path json_depth json_extract json_keys json_length json_quote json_search json_type json_unquote json_valid
  json_value last_day lcase least left length ln locate log log10 log2 lower ltrim makedate md5 microsecond mid minute mod
  month nullif oct octet_length ord position pow power quarter replace reverse right round rtrim second sha sha1 sha2 sign
  sqrt strcmp st_astext st_contains st_geometrytype st_intersects st_isempty st_srid st_within st_x st_y substr substring
  substring_index time_to_sec timestampadd timestampdiff to_days to_seconds trim truncate ucase unhex unix_timestamp upper
  week weekday weekofyear year yearweek`.split(/\s+/),
);

/** Functions that read their first argument as a date or time. */
export const temporalFunctions = new Set(
  `adddate date date_add date_format date_sub datediff day dayofmonth dayofweek dayofyear hour last_day microsecond minute
  month quarter second subdate time_to_sec to_days to_seconds week weekday weekofyear year yearweek`.split(
    /\s+/,
  ),
);

export const keywords = new Set(
  `and or xor not is null true false unknown in between like escape div mod case when then else end collate binary as
  interval using character set charset both leading trailing from for`.split(/\s+/),
);

/** Types to cast to; TIME is none of them, since it becomes a time of today where it meets a date. */
export const castTypes = new Set(
  'binary char date datetime decimal double float integer json nchar real signed unsigned year'.split(' '),
);

/** How else to say what some of the refused words mean. */
export const remedies: Readonly<Record<string, string>> = {
  dayname: 'write WEEKDAY(x), which is 0 on Mondays',
  monthname: 'write MONTH(x)',
  from_unixtime: 'compare UNIX_TIMESTAMP(column) with seconds since 1970 (UTC)',
  convert_tz: 'compare UNIX_TIMESTAMP(column) with seconds since 1970 (UTC)',
  regexp: 'write LIKE',
  rlike: 'write LIKE',
  regexp_like: 'write LIKE',
  time: 'write TIME_TO_SEC(column), and the value in seconds',
  timestamp: "write CAST('...' AS DATETIME)",
  n: "write _utf8mb4'...'",
  rand: 'take a part of the rows by their key, e.g. MOD(id, 10) = 0',
};
