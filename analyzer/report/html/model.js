// The data, and what of it the filters leave.

const STATES = {
  missing: { glyph: '✕', name: 'missing', says: 'The code needs it, and the role does not allow it.' },
  broad: { glyph: '↔', name: 'broad', says: 'The role allows more than the code needs.' },
  unused: { glyph: '○', name: 'unused', says: 'The role allows it, and no call of the code needs it.' },
  undecided: { glyph: '?', name: 'undecided', says: 'What is known does not tell whether it is allowed, or needed.' },
  used: { glyph: '✓', name: 'used', says: 'The code needs it, and the role allows it.' },
};
const ORDER = Object.keys(STATES);

const data = JSON.parse(document.getElementById('data').textContent);
const byName = new Map();
const filters = { text: '', service: '', function: '', severity: '', states: new Set() };

// Places that nobody said, or that the template leaves to the deployment, tell nothing of which resource is meant.
const OPEN = /^(\*|\$\{AWS::\w+\})$/;
function resourceName(resource) {
  const parts = resource.split(':');
  if (parts[0] !== 'arn' || parts.length < 6) return resource;
  const place = parts.slice(3, 5).filter((part) => part && !OPEN.test(part));
  const name = parts.slice(5).join(':');
  return place.length ? `${name} (${place.join(', ')})` : name;
}

for (const [number, one] of data.functions.entries()) {
  one.number = number;
  one.name = one.name.toWellFormed();
  byName.set(one.name, one);
  for (const row of one.rows) {
    row.group = row.level ? `${row.service} · ${row.level}` : row.service;
    row.short = shown(resourceName(row.resource));
    row.target = `${row.service} ${row.short}`;
    row.key = `${row.state} ${row.action} ${row.resource}`.toWellFormed();
    row.text = [row.action, row.resource, row.why, ...row.calls.map((call) => `${call.name} ${call.place[0]} ${call.chain.join(' ')}`),
      ...row.statements.map((number) => data.statements[number].sid)].join('\n').toLowerCase();
  }
}

const severityOf = (numbers) => numbers.some((number) => data.findings[number].severity === filters.severity);

function rowsOf(one) {
  const words = filters.text.toLowerCase();
  const named = one.name.toLowerCase().includes(words) || one.entry.toLowerCase().includes(words);
  return one.rows.filter((row) =>
    (!filters.service || row.service === filters.service) &&
    (!filters.states.size || filters.states.has(row.state)) &&
    (!filters.severity || severityOf(row.findings)) &&
    (named || row.text.includes(words)));
}

function findingsOf(numbers) {
  const words = filters.text.toLowerCase();
  return numbers.map((number) => data.findings[number]).filter((finding) =>
    (!filters.severity || finding.severity === filters.severity) &&
    `${finding.message}\n${finding.place[0]}\n${finding.check}`.toLowerCase().includes(words));
}

const isFiltered = () => Boolean(filters.text || filters.service || filters.function || filters.severity || filters.states.size);

// Functions that have something left, or that have nothing to be filtered.
function functionsLeft() {
  return data.functions
    .filter((one) => !filters.function || one.name === filters.function)
    .map((one) => ({ one, rows: rowsOf(one) }))
    .filter(({ one, rows }) => rows.length || !isFiltered() || filters.function === one.name ||
      (!filters.service && !filters.states.size && findingsOf(one.findings).length));
}

const tally = (rows) => {
  const counts = Object.fromEntries(ORDER.map((state) => [state, 0]));
  for (const row of rows) counts[row.state] += 1;
  return counts;
};
const worst = (rows) => ORDER.find((state) => rows.some((row) => row.state === state));

const link = (name, kind, key) =>
  `#/${['f', name, ...(kind ? [kind, key] : [])].map((part) => encodeURIComponent(part.toWellFormed())).join('/')}`;
const findingLink = (finding) => `#/finding/${finding.id}`;

// The functions that a finding is told of.
const functionsOf = (finding) => {
  const number = data.findings.indexOf(finding);
  return data.functions.filter((one) => one.findings.includes(number));
};
