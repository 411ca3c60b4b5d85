import { Button, PasswordInput, Stack, TextInput } from '@mantine/core';
import { useMutation } from '@tanstack/react-query';
import { useState, type FormEvent } from 'react';
import type { Session } from '@tributary/console-api';
import { logIn } from '../../api/session';
import { Failure } from '../../parts/Loaded';
import { Page, Panel } from '../../parts/Page';
import styles from '../../shell/Shell.module.css';
import { loginFailure } from './login-failure';

export const LoginPage = ({ session: { methods } }: { session: Session }) => (
  <main className={styles['login']}>
    <Page title="Log in to Tributary">
      {loginFailure() && <Failure error={loginFailure()} />}
      {methods.includes('oidc') && (
        <Button component="a" href="/api/v1/session/oidc">
          Log in with your organisation
        </Button>
      )}
      {methods.includes('password') && <PasswordForm />}
      {methods.includes('token') && <TokenForm />}
    </Page>
  </main>
);

const useLogin = () => useMutation({ mutationFn: logIn, networkMode: 'always' });

function PasswordForm() {
  const [name, setName] = useState('');
  const [password, setPassword] = useState('');
  const login = useLogin();
  const submit = (event: FormEvent) => {
    event.preventDefault();
    login.mutate({ name, password });
  };
  return (
    <Panel title="Name and password">
      <form onSubmit={submit}>
        <Stack>
          <TextInput
            label="Name"
            autoComplete="username"
            required
            withAsterisk={false}
            value={name}
            onChange={(event) => setName(event.currentTarget.value)}
          />
          <PasswordInput
            label="Password"
            autoComplete="current-password"
            required
            withAsterisk={false}
            value={password}
            onChange={(event) => setPassword(event.currentTarget.value)}
            visibilityToggleButtonProps={{ 'aria-label': 'Show the password', tabIndex: 0 }}
          />
          {login.error && <Failure error={login.error} />}
          <Button type="submit" loading={login.isPending}>
            Log in
          </Button>
        </Stack>
      </form>
    </Panel>
  );
}

function TokenForm() {
  const [token, setToken] = useState('');
  const login = useLogin();
  const submit = (event: FormEvent) => {
    event.preventDefault();
    login.mutate({ token: token.trim() });
  };
  return (
    <Panel title="One-time token">
      <form onSubmit={submit}>
        <Stack>
          <TextInput
            label="Token"
            description="The console prints an address with it when it starts"
            autoComplete="off"
            required
            withAsterisk={false}
            value={token}
            onChange={(event) => setToken(event.currentTarget.value)}
          />
          {login.error && <Failure error={login.error} />}
          <Button type="submit" loading={login.isPending}>
            Log in with the token
          </Button>
        </Stack>
      </form>
    </Panel>
  );
}
