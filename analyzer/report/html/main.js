// Filters, links and keys: what is shown follows from the filters and from the address behind #.

const main = document.getElementById('main');
const form = document.getElementById('filters');
const field = (name) => document.getElementById(name);
const expanded = new Map();

const told = (text) => { field('told').textContent = text; };
const go = (hash) => { location.hash = hash; };

// The function and the part of it that the address names.
function route() {
  const parts = location.hash.slice(2).split('/').map((part) => {
    try { return decodeURIComponent(part); } catch { return ''; }
  });
  if (parts[0] === 'finding') {
    const finding = data.findings.find((it) => it.id === parts[1]);
    const [first] = finding ? functionsOf(finding) : [];
    return { one: first, selected: { kind: 'finding', key: parts[1] } };
  }
  if (parts[0] === 'f') return { one: byName.get(parts[1]), named: parts[1], selected: parts[2] ? { kind: parts[2], key: parts[3] ?? '' } : null };
  return { one: data.functions.length === 1 && !location.hash ? data.functions[0] : undefined, selected: null };
}

function show() {
  const { one, named, selected } = route();
  document.title = one ? `${one.name} – Least-privilege report` : 'Least-privilege report';
  if (one) {
    const open = expanded.get(one.name) ?? expanded.set(one.name, new Set()).get(one.name);
    main.replaceChildren(...functionPage(one, selected, open, show));
  } else if (selected) {
    main.replaceChildren(around(null), el('aside', { id: 'details', tabindex: '-1', 'aria-label': 'Details' }, content(null, [], selected)));
    told('');
  } else {
    main.replaceChildren(...(named === undefined ? [] : [el('p', { class: 'hint' }, `This report has no function ${shown(named) || 'of that name'}.`)]), ...overview());
  }
  return { one, selected };
}

// Focus goes along: to the part of the graph that was selected in it, else to the details, else to what is new.
let before = null;
function follow() {
  if (location.hash && !location.hash.startsWith('#/')) return;
  const active = document.activeElement;
  const part = active && active.closest('.part') && active.getAttribute('data-key');
  const came = before;
  const now = show();
  before = now;
  if (part && main.querySelector('.graph')) {
    const same = [...main.querySelectorAll('.part')].find((it) => it.getAttribute('data-key') === part);
    if (same) {
      main.querySelector('.part[tabindex="0"]').setAttribute('tabindex', '-1');
      same.setAttribute('tabindex', '0');
      same.focus();
    }
    if (now.selected && !wide()) field('details').scrollIntoView({ block: 'start' });
  } else if (now.selected) field('details').focus();
  else if (came && came.one && !now.one) ([...main.querySelectorAll('.matrix tbody th a')].find((it) => it.getAttribute('href') === link(came.one.name)) ?? main).focus();
  else main.focus();
  if (came && came.one !== now.one && !now.selected) scrollTo(0, 0);
}
const wide = () => matchMedia('(min-width: 75rem)').matches;

function readFilters() {
  for (const name of ['text', 'service', 'function', 'severity']) filters[name] = field(name).value;
  filters.states = new Set([...form.querySelectorAll('input[name=state]:checked')].map((box) => box.value));
  const { one } = route();
  // Whoever looks for another function means that one.
  if (filters.function && one && filters.function !== one.name) go(link(filters.function));
  else show();
}

function start() {
  const rows = data.functions.flatMap((one) => one.rows);
  const counts = tally(rows);
  field('summary').append(`${count(data.functions.length, 'function')}, ${count(rows.length, 'permission')}, ${count(data.findings.length, 'finding')}`);
  field('service').append(...[...new Set(rows.map((row) => row.service))].sort().map((name) => el('option', { value: name }, name)));
  field('function').append(...data.functions.map((one) => el('option', { value: one.name }, shown(one.name))));
  field('states').append(...ORDER.map((state) => el('label', { class: 'state' }, el('input', { type: 'checkbox', name: 'state', value: state }), badge(state), ` ${counts[state]}`)));
  let waiting;
  form.addEventListener('input', () => { clearTimeout(waiting); waiting = setTimeout(readFilters, 80); });
  form.addEventListener('reset', () => setTimeout(readFilters));
  form.addEventListener('submit', (event) => event.preventDefault());
  document.querySelector('.skip').addEventListener('click', (event) => { event.preventDefault(); main.focus(); });
  field('theme').addEventListener('change', (event) => { document.documentElement.dataset.theme = event.target.value; });
  addEventListener('hashchange', follow);
  addEventListener('keydown', (event) => {
    if (event.key === '/' && !/^(INPUT|SELECT|TEXTAREA)$/.test(event.target.tagName)) {
      event.preventDefault();
      field('text').focus();
    }
    if (event.key !== 'Escape' || event.target.closest('form')) return;
    const { one, selected } = route();
    if (one && selected) go(link(one.name));
    else if (selected || (one && data.functions.length > 1)) go('#/');
  });
  before = show();
  if (before.selected) field('details').focus();
}

start();
