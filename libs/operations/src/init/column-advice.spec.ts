import { suggestedMask } from './column-advice';

describe('what a name of a column suggests', () => {
  it.each([
    ['email', 'sha256'],
    ['customerEmail', 'sha256'],
    ['E-Mail', 'sha256'],
    ['password_hash', 'redact'],
    ['apiKey', 'redact'],
    ['mobile', 'last4'],
    ['card_number', 'last4'],
    ['date_of_birth', 'redact'],
    ['LastName', 'redact'],
    ['ip_address', 'redact'],
  ])('%s: %s', (name, mask) => expect(suggestedMask(name)).toBe(mask));

  it.each([
    'id',
    'name',
    'username',
    'tokenizer',
    'spin',
    'total',
    'cellar',
    'emailed_at',
    'addressee_count',
    '',
  ])('%s: nothing', (name) => expect(suggestedMask(name)).toBeUndefined());
});
