// One function: its graph, its permissions as a table, and the details of what is selected.

const MANY = 25;

function functionPage(one, selected, expanded, redraw) {
  const rows = rowsOf(one);
  told(`${shown(one.name)}: ${count(rows.length, 'permission')} of ${one.rows.length} shown`);
  const select = (node) => go(node.kind === 'function' ? link(one.name, 'function', one.name) : link(one.name, node.kind, node.key));
  const chosen = selected && selected.kind === 'function' ? { ...selected, key: '' } : selected;
  return [
    around(one),
    el('div', { class: 'function' },
      el('section', { class: 'picture', 'aria-labelledby': 'title' },
        el('h2', { id: 'title' }, shown(one.name)), facts(one),
        rows.length ? graph(one, rows, chosen, expanded, select, redraw) : el('p', {}, one.rows.length ? 'No permission fits the filters.' : 'It needs no permission, and none is granted.'),
        permissionTable(one, rows, selected), own(one), unresolvedList(one)),
      panel(one, rows, selected)),
  ];
}

function around(one) {
  const left = functionsLeft().map((entry) => entry.one);
  const at = left.indexOf(one);
  const to = (other, text) => (other ? el('a', { href: link(other.name), 'aria-label': `${text}: ${shown(other.name)}` }, text) : el('span', { class: 'off' }, text));
  return el('nav', { class: 'around', 'aria-label': 'Functions' }, el('a', { href: '#/' }, 'All functions'),
    data.functions.length > 1 ? [to(left[at - 1], '← Previous'), to(left[at + 1], 'Next →')] : null);
}

function facts(one) {
  const entries = [['Handler', one.entry], ['Kind', one.kind.replace('-', ' ')], ['Role', one.role], ['Shared with', one.shared.join(', ')], ['Defined at', placeText(one.place)]];
  return el('dl', { class: 'facts' }, entries.filter(([, value]) => value).map(([title, value]) => el('div', {}, el('dt', {}, title), el('dd', {}, shown(value)))));
}

function permissionTable(one, rows, selected) {
  if (!rows.length) return null;
  const body = rows.map((row) => el('tr', { class: selected && selected.kind === 'row' && selected.key === row.key ? 'chosen' : '' },
    el('td', {}, el('a', { href: link(one.name, 'row', row.key) }, shown(row.action))), el('td', {}, badge(row.state)), el('td', {}, row.level),
    el('td', { class: 'arn' }, shown(row.resource)), el('td', { class: 'number' }, row.calls.length || (row.platform.length ? 'platform' : ''))));
  return [el('h3', {}, 'Permissions'), el('table', { class: 'permissions' },
    el('thead', {}, el('tr', {}, ['Action', 'Access', 'Level', 'Resource', 'Calls'].map((title) => el('th', { scope: 'col' }, title)))),
    el('tbody', { onkeydown: walk }, body))];
}

function own(one) {
  const findings = findingsOf(one.findings);
  return findings.length ? [el('h3', {}, 'Findings'), findingTable(findings, false)] : null;
}

function unresolvedList(one) {
  if (!one.unresolved.length) return null;
  return [el('h3', {}, 'Not resolved'), el('p', {}, 'What is here may need permissions that this page does not show.'),
    el('ul', { class: 'unresolved' }, one.unresolved.map((it) => el('li', {}, el('strong', {}, it.reason), `: ${shown(it.detail)}`,
      it.candidates.length ? ` (may be ${shown(it.candidates.join(', '))})` : '', excerpt(it.place))))];
}

function panel(one, rows, selected) {
  const close = selected ? el('a', { href: link(one.name), class: 'close', 'aria-label': 'Close the details' }, '✕') : null;
  return el('aside', { id: 'details', tabindex: '-1', 'aria-label': 'Details' }, close, content(one, rows, selected));
}

function content(one, rows, selected) {
  if (!selected) return el('p', { class: 'hint' }, 'Select a part of the graph, or an action in the table: its code, its rule and its statement are shown here.');
  if (selected.kind === 'finding') {
    const finding = data.findings.find((it) => it.id === selected.key);
    return finding ? findingDetails(finding, one) : el('p', {}, 'This finding is not in the report.');
  }
  const fits = { function: () => true, group: (row) => row.group === selected.key, resource: (row) => row.target === selected.key,
    edge: (row) => `${row.state} ${row.group} ${row.target}` === selected.key, row: (row) => row.key === selected.key }[selected.kind] ?? (() => false);
  // A link leads to what it names even if the filters hide it.
  const found = rows.filter(fits).length ? rows.filter(fits) : one.rows.filter(fits);
  if (!found.length) return el('p', {}, 'This is not in the report.');
  const title = { function: one.name, group: found[0].group, resource: found[0].short, edge: `${found[0].group} → ${found[0].short}`, row: found[0].action }[selected.kind];
  return [el('h3', {}, shown(title)), several(found, permission, 'permission')];
}

// The first of a long list, and the rest when it is asked for.
function several(items, show, noun, few = MANY) {
  if (items.length <= few) return items.map(show);
  const more = el('button', { type: 'button', class: 'more', onclick: () => more.replaceWith(...items.slice(few).map(show)) }, `Show ${count(items.length - few, `more ${noun}`)}`);
  return [...items.slice(0, few).map(show), more];
}

function permission(row) {
  return el('article', { class: `permission ${row.state}` },
    el('h4', {}, badge(row.state), ' ', el('code', {}, shown(row.action))),
    el('p', { class: 'arn' }, 'on ', el('code', {}, shown(row.resource))),
    el('p', {}, STATES[row.state].says, row.why ? ` ${shown(row.why[0].toUpperCase() + row.why.slice(1))}.` : ''),
    row.findings.map((number) => el('p', {}, severity(data.findings[number]), ' ', el('a', { href: findingLink(data.findings[number]) }, data.findings[number].check), ` ${shown(data.findings[number].message)}`)),
    row.calls.length ? [el('h5', {}, count(row.calls.length, 'call')), several(row.calls, callDetails, 'call', 5)] : null,
    row.platform.length ? [el('h5', {}, 'Needed by the platform itself'), [...new Set(row.platform)].map((number) => rule(data.rules[number]))] : null,
    row.instead ? [el('h5', {}, row.state === 'missing' ? 'Statement to add' : 'Statement that would do'), copyable(row.instead)] : null,
    row.state === 'broad' && !row.instead ? el('p', {}, 'Nothing of it is needed.') : null,
    row.statements.length ? [el('h5', {}, row.state === 'missing' ? 'Denied by' : 'Granted by'), several(row.statements, (number) => statement(data.statements[number], row), 'statement', 3)]
      : row.place ? [el('h5', {}, 'Attached at'), excerpt(row.place)] : null);
}

const callDetails = (call) => el('div', { class: 'call' },
  el('p', {}, el('code', {}, shown(call.name)), ` (${call.via}${call.possible ? ', possible' : ''})`),
  call.chain.length ? el('p', { class: 'chain' }, el('span', { class: 'aside' }, 'Reached through '), call.chain.flatMap((name, number) => [number ? ' › ' : '', el('code', {}, shown(name))]),
    call.ways > 1 ? ` (and ${count(call.ways - 1, 'other way')})` : '') : null,
  excerpt(call.place), call.rules.map((number) => rule(data.rules[number])));

const rule = (it) => el('p', { class: 'rule' }, 'Rule: ', el('span', {}, shown(it.name)),
  it.pages.map((page) => [' ', el('a', { href: page, rel: 'noreferrer noopener', target: '_blank' }, `source: ${shortened(page.replace(/^https:\/\/(docs\.aws\.amazon\.com\/)?/, ''), 60)}`)]));

function statement(it, row) {
  return el('details', { open: row.calls.length === 0 }, el('summary', {}, it.sid ? shown(it.sid) : 'Statement', ' ', el('span', { class: 'place' }, it.policy ? shown(it.policy) : placeText(it.place))),
    excerpt(row.place ?? it.place), copyable(it.json));
}

function copyable(text) {
  const button = el('button', { type: 'button', class: 'copy', onclick: async () => {
    try { await navigator.clipboard.writeText(text); button.textContent = 'Copied'; } catch { getSelection().selectAllChildren(code); button.textContent = 'Selected'; }
  } }, 'Copy');
  const code = el('code', {}, shown(text));
  return el('div', { class: 'copyable' }, button, el('pre', { class: 'json', tabindex: '0' }, code));
}

function findingDetails(finding, one) {
  const check = data.checks[finding.check];
  const number = data.findings.indexOf(finding);
  const rows = one ? one.rows.filter((row) => row.findings.includes(number)) : [];
  return [
    el('h3', {}, severity(finding), ' ', shown(finding.check)),
    el('p', {}, shown(finding.message)), excerpt(finding.place),
    finding.related.map((it) => el('p', {}, `${placeText(it.place)}: ${shown(it.message)}`)),
    el('h5', {}, check.title), el('p', {}, check.why), el('p', {}, el('strong', {}, 'What to do: '), finding.remedy),
    rows.length ? [el('h5', {}, 'The permission'), several(rows, permission, 'permission')] : null,
  ];
}

// The lines of a place and those around it; what the place spans is marked. Columns count code points.
function excerpt(at) {
  if (!at) return null;
  const [path, first, start, last, end] = at;
  const numbers = Object.keys(data.files[path] ?? {}).map(Number).filter((number) => number >= first - 2 && number <= last + 2);
  const where = el('figcaption', {}, placeText(at));
  if (!numbers.length) return el('figure', { class: 'excerpt' }, where);
  const lines = numbers.map((number) => {
    const characters = [...data.files[path][number]];
    const indent = Math.max(0, characters.findIndex((one) => one.trim()));
    const [from, to] = [number === first ? start - 1 : indent, number === last ? end - 1 : characters.length];
    const marked = number >= first && number <= last;
    const text = (part) => shown(part.join(''));
    return el('span', { class: marked ? 'line marked' : 'line' }, el('span', { class: 'row', 'aria-hidden': 'true' }, String(number)),
      marked ? [text(characters.slice(0, from)), el('mark', {}, text(characters.slice(from, to))), text(characters.slice(to))] : text(characters), '\n');
  });
  return el('figure', { class: 'excerpt' }, where, el('pre', { tabindex: '0', 'aria-label': `Code at ${placeText(at)}` }, el('code', {}, lines)));
}
