import os from 'node:os';
import { parseRemote, shown } from './remote';

describe('the address of a Connect server', () => {
  it.each([
    ['sc://h:1', { host: 'h', port: 1, tls: false, headers: {} }],
    ['sc://h', { host: 'h', port: 15002 }],
    ['sc://h/', { host: 'h', port: 15002 }],
    ['sc://[::1]:15002', { host: '::1', port: 15002 }],
    ['sc://h:1/;use_ssl=true;token=a%3Bb', { tls: true, headers: { authorization: 'Bearer a;b' } }],
    ['sc://h:1/;user_id=ann;x-team=blue', { userId: 'ann', headers: { 'x-team': 'blue' } }],
  ])('%s', (text, expected) => {
    expect(parseRemote(text)).toMatchObject(expected);
  });

  it('names the user by its number where it has no name, as in our images', () => {
    const nameless = jest.spyOn(os, 'userInfo').mockImplementation(() => {
      throw new Error('ENOENT');
    });
    expect(parseRemote('sc://h').userId).toBe(String(process.getuid!()));
    nameless.mockRestore();
  });

  it.each([
    'http://h:1',
    'sc://',
    'sc://h:0',
    'sc://h:65536',
    'sc://h:1/path',
    'sc://a b:1',
    'sc://h:1/;token=%zz',
    'sc://h:1/;use_tls=true;token=secret',
    'sc://u:secret@h:1',
  ])('%s is refused, without its secrets', (text) => {
    expect(() => parseRemote(text)).toThrow(expect.objectContaining({ name: 'SyncError', code: 'CONFIG' }));
    expect(() => parseRemote(text)).not.toThrow(/secret|zz/);
  });

  it('is shown without its parameters', () => {
    expect(shown(parseRemote('sc://[::1]:15002/;token=secret'))).toBe('sc://[::1]:15002');
  });
});
