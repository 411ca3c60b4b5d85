import type { ReactNode } from 'react';
import styles from './parts.module.css';

/** Names with what they are; what is `null` is left out. */
export const Facts = ({ of }: { of: Readonly<Record<string, ReactNode>> }) => (
  <dl className={styles['facts']}>
    {Object.entries(of)
      .filter(([, value]) => value !== null && value !== undefined)
      .map(([name, value]) => (
        <div key={name} style={{ display: 'contents' }}>
          <dt>{name}</dt>
          <dd>{value}</dd>
        </div>
      ))}
  </dl>
);
