// Tests on real servers share two cores with those servers: what is bounded is whether they end, not how fast.
jest.setTimeout(120_000);
