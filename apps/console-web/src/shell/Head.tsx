import { Button, useMantineColorScheme } from '@mantine/core';
import { spotlight } from '@mantine/spotlight';
import { Link } from '@tanstack/react-router';
import type { ReactNode } from 'react';
import { logOut, useUser } from '../api/session';
import styles from './Shell.module.css';

const next = { light: 'dark', dark: 'auto', auto: 'light' } as const;

export function Head({ menuButton }: { menuButton: ReactNode }) {
  const user = useUser();
  // A transition would be kept off by a <style> element, which the Content-Security-Policy refuses.
  const { colorScheme, setColorScheme } = useMantineColorScheme({ keepTransitions: true });
  return (
    <>
      {menuButton}
      <Link to="/" className={styles['name']}>
        Tributary
      </Link>
      <Button
        variant="default"
        size="compact-sm"
        onClick={() => spotlight.open()}
        aria-keyshortcuts="Control+K"
      >
        Find a row or page <span className={styles['wide']}>&nbsp;· Ctrl-K</span>
      </Button>
      <span className={styles['spread']} />
      <Button
        variant="subtle"
        size="compact-sm"
        onClick={() => setColorScheme(next[colorScheme])}
        title={`Change to ${next[colorScheme]}`}
      >
        Colours: {colorScheme}
      </Button>
      {user && (
        <span className={styles['wide']}>
          {user.name} ({user.role})
        </span>
      )}
      <Button variant="subtle" size="compact-sm" onClick={() => void logOut()}>
        Log out
      </Button>
    </>
  );
}
