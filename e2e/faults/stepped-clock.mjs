// Given to each service of a run by `node --import`: lets the harness step the clock of that one process.
//
// JavaScript sees the wall clock through `Date` alone; timers, `performance.now` and `process.hrtime` follow the
// monotonic clock, which a step of the real clock leaves alone as well. So an offset on `Date` is what a step is to
// the code of a service and of its libraries. Not stepped: what OpenSSL takes for the time when it checks a
// certificate, and node's own `Date` header on HTTP answers.
import { readFileSync } from 'node:fs';

const file = `${process.env.FAULTS_CLOCK}.${process.pid}`;
const LOOK_MS = 200;
let offsetMs = 0;

function look() {
  try {
    offsetMs = Number(readFileSync(file, 'utf8')) || 0;
  } catch {
    offsetMs = 0; // nobody has stepped this clock
  }
}
setInterval(look, LOOK_MS).unref();

const RealDate = Date;
const now = () => RealDate.now() + offsetMs;
const SteppedDate = new Proxy(RealDate, {
  construct: (target, args, newTarget) =>
    Reflect.construct(target, args.length > 0 ? args : [now()], newTarget),
  apply: () => new RealDate(now()).toString(),
  get: (target, name) => (name === 'now' ? now : Reflect.get(target, name)),
});
RealDate.prototype.constructor = SteppedDate;
globalThis.Date = SteppedDate;
