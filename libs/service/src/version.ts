declare const TRIBUTARY_VERSION: string | undefined;

/** The version of package.json, put in by the build; `dev` where the sources run unbuilt (tests, tools). */
export const productVersion = typeof TRIBUTARY_VERSION === 'string' ? TRIBUTARY_VERSION : 'dev';
