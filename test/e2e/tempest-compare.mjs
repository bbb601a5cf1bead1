// node tempest-compare.mjs EXPECTED LATER RESULTS: holds the results of Tempest (JSON, name to status) against the tests that pass on a real
// Glance. What begins as a line of LATER may fail, and must: one that passes belongs on that list no more.
import { readFileSync } from 'node:fs';

const [expected, later, results] = process.argv.slice(2);
const lines = (file) =>
  readFileSync(file, 'utf8')
    .split('\n')
    .map((line) => line.trim())
    .filter((line) => line !== '' && !line.startsWith('#'));
const statuses = new Map(
  Object.entries(JSON.parse(readFileSync(results, 'utf8'))).map(([name, status]) => [
    name.replace(/\[.*\]/, ''),
    status,
  ]),
);
const prefixes = lines(later);
const isLater = (name) => prefixes.some((prefix) => name.includes(prefix.replace(/\.$/, '')));
const passed = (name) => ['success', 'passed', 'ok'].includes(statuses.get(name));
const wanted = lines(expected);
const problems = [
  ...wanted
    .filter((name) => !isLater(name) && !passed(name))
    .map((name) => `${statuses.get(name) ?? 'not run'}: ${name}`),
  ...[...statuses]
    .filter(([name, status]) => status === 'fail' && !isLater(name) && !wanted.includes(name))
    .map(([name]) => `fails: ${name}`),
  ...wanted.filter((name) => isLater(name) && passed(name)).map((name) => `passes, and is listed for later: ${name}`),
];
for (const problem of problems) console.log(problem);
const soon = wanted.filter((name) => isLater(name)).length;
console.log(`${wanted.filter(passed).length} of ${wanted.length} pass as on a real Glance, ${soon} are for later`);
process.exitCode = problems.length > 0 || statuses.size === 0 ? 1 : 0;
