// Tests on real servers share two cores with those servers: what is bounded is whether they end, not how fast.
jest.setTimeout(120_000);
// And a second try, with the first error printed: nine servers and five services on two cores miss a bound now and then.
jest.retryTimes(1, { logErrorsBeforeRetry: true });
