import { createRootRoute, createRoute, createRouter, lazyRouteComponent } from '@tanstack/react-router';
import type { CauseSearch } from '../pages/dead-letters/selection';
import { OverviewPage } from '../pages/overview/OverviewPage';
import { Broken, NotFound } from './Broken';
import { listOf, parseSearch, stringifySearch, textOf } from './search-params';
import { Shell } from './Shell';

/** What these pages take of their address; a link may leave out any of it. */
interface RowSearch {
  readonly table?: string | undefined;
  readonly key?: string[];
}

const root = createRootRoute({ component: Shell, errorComponent: Broken, notFoundComponent: NotFound });
const under = () => root;

const routes = [
  createRoute({ getParentRoute: under, path: '/', component: OverviewPage }),
  createRoute({
    getParentRoute: under,
    path: '/rows',
    validateSearch: (search): RowSearch => ({
      table: textOf(search, 'table'),
      key: listOf(search, 'key'),
    }),
    component: lazyRouteComponent(() => import('../pages/rows/RowPage'), 'RowPage'),
  }),
  createRoute({
    getParentRoute: under,
    path: '/tables',
    component: lazyRouteComponent(() => import('../pages/tables/TablesPage'), 'TablesPage'),
  }),
  createRoute({
    getParentRoute: under,
    path: '/tables/$table',
    component: lazyRouteComponent(() => import('../pages/tables/TablePage'), 'TablePage'),
  }),
  createRoute({
    getParentRoute: under,
    path: '/snapshots',
    component: lazyRouteComponent(() => import('../pages/snapshots/SnapshotsPage'), 'SnapshotsPage'),
  }),
  createRoute({
    getParentRoute: under,
    path: '/verify',
    component: lazyRouteComponent(() => import('../pages/verify/VerifyPage'), 'VerifyPage'),
  }),
  createRoute({
    getParentRoute: under,
    path: '/verify/$id',
    component: lazyRouteComponent(() => import('../pages/verify/VerificationPage'), 'VerificationPage'),
  }),
  createRoute({
    getParentRoute: under,
    path: '/dead-letters',
    validateSearch: (search): CauseSearch => ({
      code: textOf(search, 'code'),
      table: textOf(search, 'table'),
      column: textOf(search, 'column'),
      stage: textOf(search, 'stage'),
    }),
    component: lazyRouteComponent(() => import('../pages/dead-letters/DeadLettersPage'), 'DeadLettersPage'),
  }),
  createRoute({
    getParentRoute: under,
    path: '/dead-letters/$id',
    component: lazyRouteComponent(() => import('../pages/dead-letters/DeadLetterPage'), 'DeadLetterPage'),
  }),
  createRoute({
    getParentRoute: under,
    path: '/instances',
    component: lazyRouteComponent(() => import('../pages/instances/InstancesPage'), 'InstancesPage'),
  }),
  createRoute({
    getParentRoute: under,
    path: '/configuration',
    component: lazyRouteComponent(
      () => import('../pages/configuration/ConfigurationPage'),
      'ConfigurationPage',
    ),
  }),
  createRoute({
    getParentRoute: under,
    path: '/audit',
    component: lazyRouteComponent(() => import('../pages/audit/AuditPage'), 'AuditPage'),
  }),
] as const;

export const router = createRouter({
  routeTree: root.addChildren(routes),
  parseSearch,
  stringifySearch,
  defaultPreload: 'intent',
});

declare module '@tanstack/react-router' {
  interface Register {
    router: typeof router;
  }
}
