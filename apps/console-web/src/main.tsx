import '@mantine/core/styles.css';
import '@mantine/notifications/styles.css';
import '@mantine/spotlight/styles.css';
import './shell/theme.css';
import { MantineProvider } from '@mantine/core';
import { Notifications } from '@mantine/notifications';
import { QueryClientProvider } from '@tanstack/react-query';
import { RouterProvider } from '@tanstack/react-router';
import { StrictMode } from 'react';
import { createRoot } from 'react-dom/client';
import { queryClient } from './api/queries';
import { logIn, takeFromHash } from './api/session';
import { noteLoginFailure, refusalOf } from './pages/login/login-failure';
import { router } from './shell/router';
import { theme } from './shell/theme';

// Parts of a page that a newer console no longer has.
window.addEventListener('vite:preloadError', () => window.location.reload());

const refusal = takeFromHash('login-error');
if (refusal) noteLoginFailure(refusalOf(refusal));
const token = takeFromHash('token');
if (token) await logIn({ token }).catch(noteLoginFailure);

createRoot(document.getElementById('root')!).render(
  <StrictMode>
    <MantineProvider
      theme={theme}
      defaultColorScheme="auto"
      withCssVariables={false}
      withGlobalClasses={false}
    >
      <QueryClientProvider client={queryClient}>
        <Notifications position="bottom-right" />
        <RouterProvider router={router} />
      </QueryClientProvider>
    </MantineProvider>
  </StrictMode>,
);
