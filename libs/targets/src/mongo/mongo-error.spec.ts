import { mongo } from 'mongoose';
import { mongoStartFault } from './connect-mongo';
import { faultOfCall, faultOfCode, mongoTrouble, refusal } from './mongo-error';

describe('R11: errors of MongoDB', () => {
  it.each([
    [121, 'row'],
    [10334, 'row'],
    [11000, 'duplicate'],
    [10107, 'transient'],
    [13435, 'transient'],
    [11600, 'transient'],
    [91, 'transient'],
    [189, 'transient'],
    [50, 'transient'],
    [64, 'transient'],
    [13, 'transient'],
    [14031, 'transient'],
    [51999, 'unknown'],
  ])('code %i of a statement is %s', (code, fault) => {
    expect(faultOfCode(code)).toBe(fault);
  });

  it('a call that fails as a whole blames a row only where no server trouble can look like that', () => {
    const server = (code: number) => new mongo.MongoServerError({ message: 'x', code });
    expect(faultOfCall(server(10334))).toBe('row');
    // "cannot use w > 1 when a host is not replicated" is a BadValue too.
    expect(faultOfCall(server(2))).toBe('transient');
    expect(faultOfCall(server(121))).toBe('transient');
    expect(faultOfCall(new mongo.MongoNetworkError('gone'))).toBe('transient');
    expect(faultOfCall(new mongo.MongoServerSelectionError('none', {} as never))).toBe('transient');
    expect(faultOfCall(new mongo.BSON.BSONError('NUL'))).toBe('row');
    expect(faultOfCall(new mongo.MongoInvalidArgumentError('Document is larger'))).toBe('row');
    expect(faultOfCall(new Error('whatever'))).toBe('transient');
  });

  it('names the broken rule of a validator and no value', () => {
    const details = {
      operatorName: '$jsonSchema',
      schemaRulesNotSatisfied: [
        {
          operatorName: 'properties',
          propertiesNotSatisfied: [
            {
              propertyName: 'qty',
              details: [{ operatorName: 'maximum', specifiedAs: { maximum: 9 }, consideredValue: 4711 }],
            },
          ],
        },
        { operatorName: 'required', missingProperties: ['size'] },
      ],
    };
    const { reason } = refusal('items', 121, 'Document failed validation', { failingDocumentId: 1, details });
    expect(reason).toBe(
      "MongoDB refused the document in items (code 121): the collection's validator failed (qty: maximum; required: size)",
    );
  });

  it('names the unique index and no value', () => {
    const message =
      'E11000 duplicate key error collection: d.items index: email_1 dup key: { email: "a@b.c" }';
    const { reason } = refusal('items', 11000, message);
    expect(reason).toContain('email_1');
    expect(reason).not.toContain('a@b.c');
    expect(refusal('items', 5, 'bad { a: "secret" } and "secret"').reason).not.toContain('secret');
  });

  it('says what waits and where to look', () => {
    expect(mongoTrouble(new mongo.MongoServerError({ message: 'not primary', code: 10107 }))).toMatchObject({
      kind: 'retry',
      message: expect.stringMatching(/code 10107.*not primary.*MONGODB_URI/),
    });
  });

  it('at the start: one sentence that names MONGODB_URI, and never quotes what could be a password', () => {
    const login = mongoStartFault(
      new mongo.MongoServerError({ message: 'Authentication failed.', code: 18 }),
    );
    expect(login).toMatchObject({
      kind: 'fatal',
      code: 'MONGODB_LOGIN',
      message: expect.stringContaining('MONGODB_URI'),
    });
    const malformed = mongoStartFault(new Error('Unable to parse u:s3cret:x with URL'));
    expect(malformed).toMatchObject({ kind: 'fatal', code: 'MONGODB_URI' });
    expect(malformed.message).not.toContain('s3cret');
  });
});
