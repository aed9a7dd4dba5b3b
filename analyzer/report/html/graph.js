// The graph of one function: function, groups of actions, resources. Arrow keys move in it, Enter selects.

const WIDTH = 980;
const COLUMN = { function: [0, 150], group: [215, 225], resource: [560, 420] };
const HEIGHT = { function: 34, group: 46, resource: 32 };
const GAP = 12;
// What the sign of an edge takes.
const SIGN = 18;
// Of the resources of one service as many are drawn at first.
const FEW = 14;

// What the graph draws: groups and resources in order, and an edge for each group, resource and state.
function graphOf(rows, expanded) {
  const services = Map.groupBy(rows, (row) => row.service);
  const resources = [];
  const kept = [];
  for (const service of [...services.keys()].sort()) {
    const targets = [...Map.groupBy(services.get(service), (row) => row.target)];
    const few = expanded.has(service) || targets.length <= FEW + 1 ? targets.length : FEW;
    for (const [key, own] of targets.slice(0, few)) {
      resources.push({ kind: 'resource', key, label: own[0].short || own[0].resource, rows: own });
      kept.push(...own);
    }
    const rest = targets.slice(few).flatMap(([, own]) => own);
    if (rest.length) {
      const key = `more ${service}`;
      resources.push({ kind: 'more', key, service, label: `${targets.length - few} more resources of ${service}`, rows: rest });
      kept.push(...rest.map((row) => ({ ...row, target: key })));
    }
  }
  const edges = [...Map.groupBy(kept, (row) => `${row.group}\n${row.target}\n${row.state}`).values()].map((own) => ({
    kind: 'edge', key: `${own[0].state} ${own[0].group} ${own[0].target}`, state: own[0].state, group: own[0].group, target: own[0].target, rows: own,
  }));
  const groups = [...Map.groupBy(kept, (row) => row.group)].map(([key, own]) => ({ kind: 'group', key, label: key, rows: own }));
  return { resources, groups, edges };
}

// Sets the middle and the height of each node, and returns the height of all.
function place({ resources, groups, edges }) {
  for (const node of resources) node.height = Math.max(HEIGHT.resource, edges.filter((edge) => edge.target === node.key).length * SIGN + 4);
  const needed = resources.reduce((sum, node) => sum + node.height + GAP, 0);
  const wanted = groups.length * (HEIGHT.group + GAP);
  const gap = GAP + Math.max(0, wanted - needed) / resources.length;
  let free = 0;
  for (const node of resources) {
    node.y = free + (node.height + gap) / 2;
    free += node.height + gap;
  }
  const heights = new Map(resources.map((node) => [node.key, node.y]));
  for (const group of groups) {
    const ends = edges.filter((edge) => edge.group === group.key).map((edge) => heights.get(edge.target));
    group.y = ends.reduce((sum, end) => sum + end, 0) / ends.length;
    group.height = HEIGHT.group;
  }
  groups.sort((one, other) => one.y - other.y || (one.key < other.key ? -1 : 1));
  // Down as far as those above need it, then up as far as the end does.
  let top = 0;
  for (const group of groups) {
    group.y = Math.max(group.y, top + HEIGHT.group / 2);
    top = group.y + HEIGHT.group / 2 + GAP;
  }
  let bottom = Math.max(free, wanted);
  for (const group of groups.toReversed()) {
    group.y = Math.min(group.y, bottom - HEIGHT.group / 2);
    bottom = group.y - HEIGHT.group / 2 - GAP;
  }
  return Math.max(free, wanted);
}

function graph(one, rows, selected, expanded, select, redraw) {
  const drawn = graphOf(rows, expanded);
  const height = place(drawn);
  const root = { kind: 'function', key: '', label: one.name, rows, y: Math.min(height / 2, 240), height: HEIGHT.function };
  const nodes = new Map([...drawn.groups, ...drawn.resources].map((node) => [`${node.kind === 'group' ? 'group' : 'resource'} ${node.key}`, node]));
  const parts = [];
  const part = (node, column, shapes, label) => {
    const chosen = selected && (selected.kind === node.kind ? selected.key === node.key
      : selected.kind === 'row' && node.kind === 'edge' && node.rows.some((row) => row.key === selected.key));
    const choose = () => (node.kind === 'more' ? (expanded.add(node.service), redraw()) : select(node));
    const g = svg('g', {
      class: `part ${node.kind} ${node.state ?? worst(node.rows) ?? ''}${chosen ? ' chosen' : ''}`, role: 'button', tabindex: '-1',
      'aria-label': label, 'aria-pressed': chosen ? 'true' : 'false', 'data-key': `${node.kind} ${node.key}`,
      onclick: choose,
      onkeydown: (event) => { if (event.key === 'Enter' || event.key === ' ') { event.preventDefault(); choose(); } },
    }, svg('title', {}, label), shapes);
    parts.push({ g, node, column });
    return g;
  };
  const lines = drawn.groups.flatMap((group) => ORDER.filter((state) => group.rows.some((row) => row.state === state)).map((state, number, all) =>
    line(state, COLUMN.function[1], root.y, COLUMN.group[0], group.y + (number - (all.length - 1) / 2) * 6)));
  const between = drawn.edges.map((edge) => {
    const from = nodes.get(`group ${edge.group}`);
    const to = nodes.get(`resource ${edge.target}`);
    const same = drawn.edges.filter((other) => other.target === edge.target);
    const y = to.y + (same.indexOf(edge) - (same.length - 1) / 2) * SIGN;
    edge.y = y;
    const [x, end] = [COLUMN.group[0] + COLUMN.group[1], COLUMN.resource[0]];
    const actions = edge.rows.map((row) => row.action).join(', ');
    return part(edge, 2, [
      line(edge.state, x, from.y, end, y, 'touch'), line(edge.state, x, from.y, end, y),
      svg('circle', { cx: end - 12, cy: y, r: 8 }), svg('text', { x: end - 12, y: y + 4, class: 'glyph', 'aria-hidden': 'true' }, STATES[edge.state].glyph),
    ], shown(`${STATES[edge.state].name}: ${actions} on ${to.label}`));
  });
  const boxes = [
    part(root, 0, box(COLUMN.function, root, 18), `Function ${shown(one.name)}, ${count(rows.length, 'permission')}`),
    ...drawn.groups.map((node) => part(node, 1, box(COLUMN.group, node, 28), `${node.label}: ${said(node.rows)}`)),
    ...drawn.resources.map((node) => part(node, 3, box(COLUMN.resource, node, 54), shown(`${node.label}: ${said(node.rows)}`))),
  ];
  const picture = svg('svg', {
    viewBox: `-4 -2 ${WIDTH + 8} ${height + 4}`, class: 'graph', role: 'application', 'aria-roledescription': 'graph',
    'aria-label': `Access of ${shown(one.name)}: function, groups of actions, resources. Arrow keys move, Enter shows details. The table below says the same.`,
    onkeydown: (event) => move(event, parts),
  }, lines, between, boxes);
  const first = parts.find(({ g }) => g.classList.contains('chosen')) ?? parts.find(({ node }) => node === root);
  first.g.setAttribute('tabindex', '0');
  return picture;
}

const said = (rows) => Object.entries(tally(rows)).filter(([, number]) => number).map(([state, number]) => `${number} ${STATES[state].name}`).join(', ');

function line(state, x1, y1, x2, y2, more = '') {
  const middle = (x1 + x2) / 2;
  return svg('path', { class: `line ${state} ${more}`, d: `M${x1},${y1.toFixed(1)} C${middle},${y1.toFixed(1)} ${middle},${y2.toFixed(1)} ${x2},${y2.toFixed(1)}` });
}

function box([x, width], node, longest) {
  const counts = node.kind === 'group' ? ORDER.filter((state) => node.rows.some((row) => row.state === state)) : [];
  const signs = counts.map((state, number) => svg('text', { x: x + 10 + number * 40, y: node.y + 15, class: `count ${state}`, 'aria-hidden': 'true' },
    `${STATES[state].glyph} ${node.rows.filter((row) => row.state === state).length}`));
  return [svg('rect', { x, y: node.y - node.height / 2, width, height: node.height, rx: 6 }),
    svg('text', { x: x + 10, y: node.y + (counts.length ? -3 : 4.5), class: 'name' }, shortened(shown(node.label), longest)), signs];
}

// Up and down stay in a column, left and right follow the edges.
function move(event, parts) {
  const here = parts.find(({ g }) => g === event.target);
  if (!here || event.altKey || event.ctrlKey || event.metaKey) return;
  const column = (number) => parts.filter((part) => part.column === number).sort((one, other) => one.node.y - other.node.y);
  const own = column(here.column);
  const step = { ArrowUp: -1, ArrowDown: 1 }[event.key];
  const side = { ArrowLeft: -1, ArrowRight: 1 }[event.key];
  let next;
  if (step) next = own[own.indexOf(here) + step];
  else if (side) next = column(here.column + side).find((part) => touches(here.node, part.node));
  else if (event.key === 'Home') next = own[0];
  else if (event.key === 'End') next = own.at(-1);
  else return;
  event.preventDefault();
  if (!next) return;
  here.g.setAttribute('tabindex', '-1');
  next.g.setAttribute('tabindex', '0');
  next.g.focus();
}

function touches(one, other) {
  const [edge, node] = one.kind === 'edge' ? [one, other] : [other, one];
  if (edge.kind !== 'edge') return true;
  return node.kind === 'group' ? edge.group === node.key : edge.target === node.key;
}
