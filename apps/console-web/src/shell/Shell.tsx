import { Loader } from '@mantine/core';
import { useDisclosure } from '@mantine/hooks';
import { Outlet, useRouterState } from '@tanstack/react-router';
import { useEffect, useRef } from 'react';
import { useLiveEvents } from '../api/live';
import { useSession } from '../api/session';
import { LoginPage } from '../pages/login/LoginPage';
import { Failure } from '../parts/Loaded';
import { AwayBanner } from './AwayBanner';
import { Head } from './Head';
import { Menu, MenuButton } from './Menu';
import { Palette } from './Palette';
import styles from './Shell.module.css';

/** Who is not logged in sees the login in place of the page, and then the page whose address it was. */
export function Shell() {
  const { data: session, error } = useSession();
  if (!session)
    return <main className={styles['login']}>{error ? <Failure error={error} /> : <Wait />}</main>;
  return session.user ? <Frame /> : <LoginPage session={session} />;
}

const Wait = () => <Loader aria-label="Loading" />;

function Frame() {
  useLiveEvents();
  const main = useMainFocus();
  const [opened, { toggle, close }] = useDisclosure(false);
  return (
    <div className={styles['shell']}>
      <a className={styles['skip']} href="#main">
        Skip to the page
      </a>
      <header className={styles['head']}>
        <Head menuButton={<MenuButton opened={opened} toggle={toggle} />} />
      </header>
      <AwayBanner />
      <Menu opened={opened} close={close} />
      <main id="main" className={styles['main']} ref={main} tabIndex={-1}>
        <Outlet />
      </main>
      <Palette />
    </div>
  );
}

/** After a change of page the keyboard goes on at its beginning, as after loading a page. */
function useMainFocus() {
  const main = useRef<HTMLElement>(null);
  const path = useRouterState({ select: ({ location }) => location.pathname });
  const before = useRef(path);
  useEffect(() => {
    if (before.current !== path) main.current?.focus();
    before.current = path;
  }, [path]);
  return main;
}
