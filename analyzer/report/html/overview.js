// All functions: a table of functions and services, and all findings.

const AT_ONCE = 200;

function overview() {
  const left = functionsLeft();
  const numbers = new Set(isFiltered() ? left.flatMap(({ one }) => one.findings) : data.findings.keys());
  if (isFiltered() && !filters.function && !filters.service && !filters.states.size) data.elsewhere.forEach((number) => numbers.add(number));
  const relevant = filters.service || filters.states.size ? new Set(left.flatMap(({ rows }) => rows.flatMap((row) => row.findings))) : numbers;
  const findings = findingsOf([...relevant].sort((one, other) => one - other));
  told(`${count(left.length, 'function')} and ${count(findings.length, 'finding')} shown`);
  return [
    el('nav', { class: 'around', 'aria-label': 'Parts of this page' },
      el('a', { href: '#functions' }, `Functions (${left.length})`), el('a', { href: '#findings' }, `Findings (${findings.length})`)),
    el('section', { 'aria-labelledby': 'functions' },
      el('h2', { id: 'functions' }, 'Functions'), legend(), left.length ? matrix(left) : el('p', {}, 'No function fits the filters.')),
    el('section', { 'aria-labelledby': 'findings' },
      el('h2', { id: 'findings' }, 'Findings'), findings.length ? findingTable(findings, true) : el('p', {}, 'No finding fits the filters.')),
  ];
}

const legend = () => el('dl', { class: 'legend', 'aria-label': 'What the signs mean' },
  ORDER.map((state) => el('div', {}, el('dt', {}, badge(state)), el('dd', {}, STATES[state].says))));

function matrix(left) {
  const services = [...new Set(left.flatMap(({ rows }) => rows.map((row) => row.service)))].sort();
  const body = left.map(({ one, rows }) => {
    const byService = Map.groupBy(rows, (row) => row.service);
    return el('tr', {},
      el('th', { scope: 'row' }, el('a', { href: link(one.name) }, shown(one.name))),
      el('td', {}, balance(rows)),
      el('td', { class: 'number' }, one.findings.length || '', one.unresolved.length ? el('span', { class: 'unresolved' }, ` +${one.unresolved.length} unresolved`) : null),
      services.map((service) => el('td', { class: 'cell' }, byService.has(service) ? signs(tally(byService.get(service)), service) : null)));
  });
  const table = el('table', { class: 'matrix' },
    el('caption', {}, 'Each cell counts the permissions of a function in a service by what is to be said of them.'),
    el('thead', {}, el('tr', {}, ['Function', 'Permissions', 'Findings', ...services].map((title) => el('th', { scope: 'col' }, title)))),
    el('tbody', { onkeydown: walk }, body));
  return el('div', { class: 'scroll', tabindex: '0', role: 'region', 'aria-label': 'Functions and services' }, table);
}

const signs = (counts, of) => ORDER.filter((state) => counts[state]).map((state) =>
  el('span', { class: `sign ${state}`, title: `${counts[state]} ${STATES[state].name}` },
    el('span', { 'aria-hidden': 'true' }, STATES[state].glyph), el('span', { class: 'aside' }, `${STATES[state].name}: `), String(counts[state])));

function balance(rows) {
  const counts = tally(rows);
  return el('span', { class: 'balance' }, signs(counts));
}

// Up and down go from link to link in a table, as Tab does.
function walk(event) {
  const step = { ArrowDown: 1, ArrowUp: -1 }[event.key];
  if (!step || event.target.tagName !== 'A') return;
  const links = [...event.currentTarget.querySelectorAll('tr > :first-child a')];
  const next = links[links.indexOf(event.target) + step];
  if (next) {
    event.preventDefault();
    next.focus();
  }
}

function findingTable(findings, withFunctions) {
  const body = el('tbody', { onkeydown: walk });
  const more = el('button', { type: 'button', class: 'more' });
  let from = 0;
  const add = () => {
    body.append(...findings.slice(from, from + AT_ONCE).map((finding) => findingRow(finding, withFunctions)));
    from += AT_ONCE;
    more.hidden = from >= findings.length;
    more.textContent = more.hidden ? '' : `Show ${Math.min(AT_ONCE, findings.length - from)} more of ${findings.length}`;
  };
  more.addEventListener('click', add);
  addEventListener('beforeprint', () => { while (from < findings.length) add(); });
  add();
  const titles = ['Check', 'Severity', ...(withFunctions ? ['Function'] : []), 'Place', 'Finding'];
  return [el('table', { class: 'findings' },
    el('thead', {}, el('tr', {}, titles.map((title) => el('th', { scope: 'col' }, title)))), body), more];
}

function findingRow(finding, withFunctions) {
  const [first, ...others] = withFunctions ? functionsOf(finding) : [];
  return el('tr', {},
    el('td', {}, el('a', { href: findingLink(finding) }, finding.check)),
    el('td', {}, severity(finding)),
    withFunctions ? el('td', {}, first ? shown(first.name) : '–', others.length ? ` and ${count(others.length, 'other')}` : '') : null,
    el('td', { class: 'place' }, placeText(finding.place)),
    el('td', {}, shown(finding.message)));
}

const severity = (finding) => el('span', { class: `severity ${finding.severity}` }, finding.severity);
const placeText = (place) => (place ? shown(`${place[0]}:${place[1]}:${place[2]}`) : '');
