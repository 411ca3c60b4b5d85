import { Grants } from './grants';
import { serverFindings, type ServerSettings } from './server-findings';

const fine: ServerSettings = {
  account: 'relay@%',
  logBin: 1,
  trusted: 1,
  binlogFormat: 'ROW',
  autoincMode: 2,
  packet: '67108864',
  readOnly: 0,
  engines: '',
  asOf: 'DEFAULT',
  statements: 16382,
};
const relay = new Grants(['GRANT PROCESS ON *.* TO `relay`@`%`']);
const refusals = (
  settings: Partial<ServerSettings>,
  grants = relay,
  flavour: 'mysql' | 'mariadb' = 'mysql',
) =>
  serverFindings({ ...fine, ...settings }, grants, flavour, 3)
    .filter(({ level }) => level === 'refuse')
    .map(({ message }) => message);

describe('server settings', () => {
  it('R14: error 1419 is foreseen and its remedy named', () => {
    expect(refusals({})).toEqual([]);
    expect(refusals({ trusted: 0 })).toEqual([
      expect.stringMatching(/error 1419.*SET GLOBAL log_bin_trust_function_creators = 1/),
    ]);
    expect(refusals({ trusted: 0, logBin: 0 })).toEqual([]);
    expect(refusals({ trusted: 0 }, new Grants(['GRANT ALL PRIVILEGES ON *.* TO `root`@`%`']))).toEqual([]);
  });

  it("R1: settings under which the application's writes would fail are refused", () => {
    expect(refusals({ autoincMode: 0 }, relay, 'mariadb')).toEqual([expect.stringMatching(/error 1467/)]);
    expect(refusals({ autoincMode: 0 })).toEqual([]);
    expect(refusals({ binlogFormat: 'STATEMENT' })).toHaveLength(1);
    expect(refusals({ readOnly: 1 })).toHaveLength(1);
  });

  it('R1, R9: settings under which the log would not be transactional, or read as of the past, are refused', () => {
    expect(refusals({ engines: 'MyISAM,MEMORY' })).toEqual([]);
    expect(refusals({ engines: 'FEDERATED,InnoDB' })).toEqual([expect.stringMatching(/names InnoDB/)]);
    for (const engines of [null, 'InnoDB']) expect(refusals({ engines }, relay, 'mariadb')).toEqual([]);
    expect(refusals({ engines: 'Aria' }, relay, 'mariadb')).toEqual([
      expect.stringMatching(/enforce_storage_engine is Aria.*= NULL/),
    ]);
    expect(refusals({ asOf: '2026-01-01 00:00:00.000000' }, relay, 'mariadb')).toHaveLength(1);
    expect(refusals({ packet: '65536' })).toEqual([expect.stringMatching(/65536 bytes.*16777216/)]);
  });

  it('what is only slower is a warning', () => {
    const warnings = (settings: Partial<ServerSettings>) =>
      serverFindings({ ...fine, ...settings }, relay, 'mysql', 3).map(({ level }) => level);
    expect(warnings({ packet: '2097152' })).toEqual(['warn']);
    expect(warnings({ statements: 2 })).toEqual(['warn']);
    expect(warnings({ statements: 3 })).toEqual([]);
  });
});

describe('grants', () => {
  const grants = new Grants([
    "GRANT USAGE ON *.* TO 'a'@'%' IDENTIFIED BY PASSWORD '*0'",
    'GRANT SELECT, TRIGGER ON `github\\_data`.* TO `a`@`%`',
    'GRANT ALL PRIVILEGES ON `tributary%`.* TO `a`@`%` WITH GRANT OPTION',
    'GRANT SELECT (a, b), INSERT, UPDATE (`x`) ON `shop`.`od``d` TO `a`@`%`',
    'GRANT SELECT ON *.* TO `a`@`%`',
    'REVOKE SELECT ON `secret`.* FROM `a`@`%`',
    'GRANT `role`@`%` TO `a`@`%`',
  ]);

  it('knows patterns, tables, column lists and partial revokes', () => {
    expect(grants.has('TRIGGER', 'github_data', 't')).toBe(true);
    expect(grants.has('TRIGGER', 'githubXdata', 't')).toBe(false);
    expect(grants.has('CREATE TEMPORARY TABLES', 'tributary_2')).toBe(true);
    expect(grants.has('INSERT', 'shop', 'od`d')).toBe(true);
    expect(grants.has('UPDATE', 'shop', 'od`d')).toBe(false);
    expect(grants.has('INSERT', 'shop')).toBe(false);
    expect(grants.has('SELECT', 'anything', 't')).toBe(true);
    expect(grants.has('SELECT', 'secret', 't')).toBe(false);
    expect(grants.has('SUPER')).toBe(false);
  });
});
