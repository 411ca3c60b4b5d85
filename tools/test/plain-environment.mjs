import vm from 'node:vm';
import { TestEnvironment } from 'jest-environment-node';

/**
 * Jest's environment for Node.js, with globals that are read directly. Jest makes its context on a proxy, and each
 * `Buffer`, `process` or `Promise` that a test or a library names is looked up by an interceptor and by that proxy, which
 * took a quarter of the processor time of our unit tests. The proxy only frees what tests leave in globals when a file has
 * ended. Node.js 22.8 and newer make a context without one; on older ones the environment is Jest's own.
 */
export default class PlainEnvironment extends TestEnvironment {
  constructor(config, context) {
    const { createContext, constants } = vm;
    if (constants?.DONT_CONTEXTIFY) vm.createContext = () => createContext(constants.DONT_CONTEXTIFY);
    try {
      super(config, context);
    } finally {
      vm.createContext = createContext;
    }
  }

  /**
   * A failure tells what the processes beside the test said last (`saidBeside`, a function that the tests' support sets):
   * their logs are gone when it is read.
   */
  handleTestEvent({ name, error }) {
    const { saidBeside } = this.global;
    if (name === 'test_fn_failure' && saidBeside && typeof error?.stack === 'string')
      error.stack += `\n${saidBeside()}`;
  }
}
