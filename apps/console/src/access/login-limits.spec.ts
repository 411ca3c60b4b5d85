import { LoginLimits } from './login-limits';

describe('tries to log in', () => {
  const tooMany = expect.objectContaining({ status: 429, code: 'TOO_MANY_LOGINS' }) as unknown;
  const tries = async (limits: LoginLimits, many: number, address: string, name: string) => {
    for (let at = 0; at < many; at += 1) await limits.count(address, name);
  };

  it('ten of a name from an address: from another one the name still comes in', async () => {
    const limits = new LoginLimits();
    await tries(limits, 10, '10.0.0.1', 'olga');
    await expect(limits.count('10.0.0.1', 'olga')).rejects.toEqual(tooMany);
    await limits.count('10.0.0.2', 'olga');
  });

  it('two hundred of a name from all addresses together', async () => {
    const limits = new LoginLimits();
    for (let host = 0; host < 20; host += 1) await tries(limits, 10, `10.0.0.${host}`, 'olga');
    await expect(limits.count('10.0.1.1', 'olga')).rejects.toEqual(tooMany);
    await limits.count('10.0.1.1', 'vera');
  });

  it('fifty from an address, whatever the names; one that was right is none of them', async () => {
    const limits = new LoginLimits();
    for (let at = 0; at < 60; at += 1) {
      await limits.count('10.0.0.1', 'olga');
      await limits.forget('10.0.0.1', 'olga');
    }
    for (let at = 0; at < 50; at += 1) await limits.count('10.0.0.1', `name ${at}`);
    await expect(limits.count('10.0.0.1', 'yet another')).rejects.toEqual(tooMany);
  });
});
