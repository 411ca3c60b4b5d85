import { useEffect, type ReactNode } from 'react';
import styles from './parts.module.css';

interface PageProps {
  readonly title: string;
  /** Beside the title: buttons, switches. */
  readonly actions?: ReactNode;
  readonly children: ReactNode;
}

export function Page({ title, actions, children }: PageProps) {
  useEffect(() => {
    document.title = `${title} · Tributary`;
  }, [title]);
  return (
    <div className={styles['page']}>
      <div className={styles['head']}>
        <h1>{title}</h1>
        {actions}
      </div>
      {children}
    </div>
  );
}

interface PanelProps {
  readonly title?: string;
  readonly actions?: ReactNode;
  readonly children: ReactNode;
}

export const Panel = ({ title, actions, children }: PanelProps) => (
  <section className={`${styles['panel']} ${styles['page']}`} aria-label={title}>
    {title && (
      <div className={styles['head']}>
        <h2>{title}</h2>
        {actions}
      </div>
    )}
    {children}
  </section>
);
