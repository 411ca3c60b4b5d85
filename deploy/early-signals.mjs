// Loaded before a service's own code. As process 1 of a container node ignores a signal that has no handler, so a stop
// during start-up would wait for the engine's kill. Nothing has begun yet: ending at once is the whole drain.
for (const signal of ['SIGTERM', 'SIGINT'])
  process.on(signal, () => {
    if (process.listenerCount(signal) === 1) process.exit(0);
  });
