// The command line's numbers.
import { execFileSync } from 'node:child_process';

const ROOT = new URL('../..', import.meta.url).pathname;
const PROGRAM = process.env.PROXPROP ?? `${ROOT}target/debug/proxprop`;

/** J of every run at its end, by the command line. */
export function finalLosses(query) {
  const csv = execFileSync(PROGRAM, ['run', query, '--portable', '--csv', '-'], { encoding: 'utf8' });
  const [head, ...rows] = csv.trim().split('\n').map((line) => line.split(','));
  const [run, loss] = ['run', 'loss'].map((name) => head.indexOf(name));
  const last = new Map();
  for (const row of rows) last.set(row[run], Number(row[loss]));
  return [...last.values()];
}

/** The cells of a map as CSV, by the command line. */
export function mapCsv(query) {
  return execFileSync(PROGRAM, ['map', query, '--csv', '-'], { encoding: 'utf8', stdio: 'pipe' });
}

/** The curves of a run as CSV, by the command line. */
export function csv(query) {
  return execFileSync(PROGRAM, ['run', query, '--csv', '-'], { encoding: 'utf8', stdio: 'pipe' });
}

/** A file of cells that the command line has trained, as text. */
export function trained(...what) {
  return execFileSync(PROGRAM, ['meta-train', ...what, '--out', '-'], { encoding: 'utf8', stdio: 'pipe' });
}
