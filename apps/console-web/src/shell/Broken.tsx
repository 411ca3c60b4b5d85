import { Button } from '@mantine/core';
import type { ErrorComponentProps } from '@tanstack/react-router';
import { Page } from '../parts/Page';
import { Failure } from '../parts/Loaded';

export const Broken = ({ error }: ErrorComponentProps) => (
  <Page title="This page broke">
    <Failure error={error} />
    <div>
      <Button onClick={() => window.location.reload()}>Load it again</Button>
    </div>
  </Page>
);

export const NotFound = () => (
  <Page title="There is no such page">
    <p>The menu has all pages; Ctrl-K finds tables and rows.</p>
  </Page>
);
