import { inspect } from 'node:util';
import { errorText, plainError, plainFields } from './error-text';
import { fatal, transient } from './errors';

const SECRET = "o'secret@example.org";

const fromServer = (errno: number, message: string, sqlState = 'HY000') =>
  Object.assign(new Error(message), {
    ...{ errno, sqlState, code: 'ER_X', sqlMessage: message },
    sql: `INSERT INTO t VALUES ('${SECRET}')`,
  });

describe('R14: what errors say', () => {
  it.each([
    [1062, `Duplicate entry '${SECRET}' for key 'users.email'`, "Duplicate entry '…' for key 'users.email'"],
    [
      1366,
      `Incorrect integer value: '${SECRET}' for column \`d\`.\`t\`.\`n\` at row 1`,
      "Incorrect integer value: '…' for column `d`.`t`.`n` at row 1",
    ],
    [1292, `Truncated incorrect DOUBLE value: '${SECRET}'`, "Truncated incorrect DOUBLE value: '…'"],
    [
      1064,
      `You have an error in your SQL syntax; check the manual for the right syntax to use near '${SECRET}' at line 1`,
      "You have an error in your SQL syntax; check the manual for the right syntax to use near '…'",
    ],
    [
      1690,
      `BIGINT UNSIGNED value is out of range in '(\`d\`.\`t\`.\`a\` - 4711)'`,
      "BIGINT UNSIGNED value is out of range in '…'",
    ],
    [1644, `the mail ${SECRET} is not allowed`, 'a routine of the server refused it (error 1644)'],
    [1146, "Table 'd.t' doesn't exist", "Table 'd.t' doesn't exist"],
    [
      1142,
      "SELECT command denied to user 'u'@'h' for table 't'",
      "SELECT command denied to user 'u'@'h' for table 't'",
    ],
  ])('error %i keeps names and loses values', (errno, message, expected) => {
    const state = errno === 1644 ? '45000' : 'HY000';
    expect(errorText(fromServer(errno, message, state))).toContain(expected);
    expect(errorText(fromServer(errno, message, state))).not.toContain('secret');
  });

  it('also behind TypeORM, of MongoDB, of Redis and of a JSON parser', () => {
    const server = fromServer(1062, `Duplicate entry '${SECRET}' for key 'k'`);
    const typeorm = Object.assign(new Error(server.message), {
      ...{ name: 'QueryFailedError', driverError: server, parameters: [SECRET], query: 'INSERT' },
    });
    const mongo = Object.assign(
      new Error(`E11000 duplicate key error collection: d.c index: email_1 dup key: { email: "${SECRET}" }`),
      { name: 'MongoServerError', code: 11000, keyValue: { email: SECRET } },
    );
    const redis = Object.assign(
      new Error(`ERR unknown command 'FOO', with args beginning with: '${SECRET}'`),
      { name: 'ReplyError', command: { name: 'foo', args: [SECRET] } },
    );
    const json = (() => {
      try {
        return JSON.parse(`${SECRET}`) as Error;
      } catch (error) {
        return error as Error;
      }
    })();
    for (const error of [typeorm, mongo, redis, json, new Error('x', { cause: typeorm })]) {
      expect(errorText(error)).not.toContain('secret');
      expect(inspect(plainError(error), { depth: 10 })).not.toContain('secret');
    }
    expect(errorText(mongo)).toContain('E11000 duplicate key error collection: d.c index: email_1');
  });

  it('a stack keeps its frames and loses the message, also one of several lines', () => {
    const error = fromServer(1062, `Duplicate entry 'a\n    at ${SECRET}\nb' for key 'k'`);
    const { stack } = plainError(error) as { stack: string };
    expect(stack).toMatch(/^Error: Duplicate entry '…' for key 'k'\n\s+at /);
    expect(stack).not.toContain('secret');
  });

  it('sentences of ours stay as they are, and their causes are plain', () => {
    const cause = fromServer(1062, `Duplicate entry '${SECRET}' for key 'k'`);
    expect(errorText(fatal('X', "The table 'a' is odd."))).toBe("The table 'a' is odd.");
    const fields = plainFields({
      error: transient('X', 'It waits.', cause),
      n: 1,
      list: [cause],
      deep: { cause },
    });
    expect(fields).toMatchObject({ error: { message: 'It waits.', type: 'SyncError', code: 'X' }, n: 1 });
    expect(inspect(fields, { depth: 10 })).not.toContain('secret');
  });
});
