import { Button } from '@mantine/core';
import { Link } from '@tanstack/react-router';
import { pages } from './pages';
import styles from './Shell.module.css';

interface Opened {
  /** On a phone's width the menu is closed until it is asked for. */
  readonly opened: boolean;
}

export const MenuButton = ({ opened, toggle }: Opened & { toggle: () => void }) => (
  <Button
    className={styles['open']}
    variant="default"
    size="compact-sm"
    aria-expanded={opened}
    aria-controls="menu"
    onClick={toggle}
  >
    Menu
  </Button>
);

export const Menu = ({ opened, close }: Opened & { close: () => void }) => (
  <nav id="menu" className={styles['menu']} data-open={opened} aria-label="Pages">
    {pages.map(({ to, label }) => (
      <Link key={to} to={to} activeOptions={{ exact: to === '/', includeSearch: false }} onClick={close}>
        {label}
      </Link>
    ))}
  </nav>
);
