import { addSecrets, shownEnvironment } from './environment';
import { Redactor } from './redactor';

describe('redaction', () => {
  it.each([
    ['mysql://u:p@h:3306/db?password=ab@cd', 'mysql://h:3306?password=…'],
    ['mysql://u:p?w@h:3306/db', '(set)'],
    ['mysql://h/db?password=ab@cd', '(set)'],
    [
      'mongodb://u:p@a:1,b:2/?tlsCertificateKeyFilePassword=xyz1',
      'mongodb://a:1,b:2?tlsCertificateKeyFilePassword=…',
    ],
    ['mysql://h:3306', 'mysql://h:3306'],
  ])('%s is shown without login and values', (address, shown) => {
    expect(shownEnvironment({ MYSQL_URL: address })).toEqual({ MYSQL_URL: shown });
  });

  it('takes the secrets among the options of an address out of texts', () => {
    const redactor = new Redactor();
    addSecrets(redactor, { MONGODB_URI: 'mongodb://h/?tlsCertificateKeyFilePassword=xyz1&appName=visible' });
    expect(redactor.text('xyz1 visible')).toBe('[redacted] visible');
  });

  it.each([
    ["name = 'O''Brien'", "Duplicate entry 'O'Brien'"],
    ["name = 'a\\'b\\\\c'", "entry 'a'b\\c'"],
    ['ssn = 123456789', 'entry 123456789'],
    ['k = 0xAB12', 'entry 0xAB12'],
  ])('of the condition %s also what a message quotes', (where, message) => {
    const redactor = new Redactor();
    redactor.addCondition(where);
    expect(redactor.text(message)).toContain('[redacted]');
  });
});
