import nodeModule from 'node:module';

// Much of a short command's time goes into compiling what it loads. Node.js 22.8 and newer keep the result in a folder for
// temporary files, or where NODE_COMPILE_CACHE says; the rest is imported after this.
(nodeModule as { enableCompileCache?: () => unknown }).enableCompileCache?.();
const { runCli } = await import('./cli');

await runCli(process.argv);
