// A machine that does other work besides is slow now and then; what is bounded is whether a test ends.
jest.setTimeout(30_000);
