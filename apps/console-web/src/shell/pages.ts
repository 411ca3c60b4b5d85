/** The pages of the menu, in its order. */
export const pages = [
  { to: '/', label: 'Overview' },
  { to: '/rows', label: 'Row' },
  { to: '/tables', label: 'Tables' },
  { to: '/snapshots', label: 'Snapshots' },
  { to: '/verify', label: 'Verify' },
  { to: '/dead-letters', label: 'Dead letters' },
  { to: '/instances', label: 'Instances' },
  { to: '/configuration', label: 'Configuration' },
  { to: '/audit', label: 'Audit' },
] as const;
