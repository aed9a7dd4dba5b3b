// The graph of one function: function, groups of actions, resources. Arrow keys move in it, Enter selects.

const WIDTH = 980;
const COLUMN = { function: [0, 150], group: [215, 215], resource: [560, 420] };
const HEIGHT = 32;
const GAP = 12;
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

function place({ resources, groups, edges }) {
  resources.forEach((node, number) => { node.y = number * (HEIGHT + GAP) + HEIGHT / 2 + 4; });
  const heights = new Map(resources.map((node) => [node.key, node.y]));
  for (const group of groups) {
    const ends = edges.filter((edge) => edge.group === group.key).map((edge) => heights.get(edge.target));
    group.y = ends.reduce((sum, end) => sum + end, 0) / ends.length;
  }
  groups.sort((one, other) => one.y - other.y || (one.key < other.key ? -1 : 1));
  let free = HEIGHT / 2 + 4;
  for (const group of groups) {
    group.y = Math.max(group.y, free);
    free = group.y + HEIGHT + GAP;
  }
  return Math.max(resources.length * (HEIGHT + GAP), free - HEIGHT / 2) + 4;
}

function graph(one, rows, selected, expanded, select, redraw) {
  const drawn = graphOf(rows, expanded);
  const height = place(drawn);
  const root = { kind: 'function', key: '', label: one.name, rows, y: Math.min(height / 2, 240) };
  const nodes = new Map([...drawn.groups, ...drawn.resources].map((node) => [`${node.kind === 'group' ? 'group' : 'resource'} ${node.key}`, node]));
  const parts = [];
  const part = (node, column, shapes, label) => {
    const chosen = selected && selected.kind === node.kind && selected.key === node.key;
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
    const y = to.y + (same.indexOf(edge) - (same.length - 1) / 2) * Math.min(16, 30 / same.length);
    edge.y = y;
    const [x, end] = [COLUMN.group[0] + COLUMN.group[1], COLUMN.resource[0]];
    const actions = edge.rows.map((row) => row.action).join(', ');
    return part(edge, 2, [
      line(edge.state, x, from.y, end, y, 'touch'), line(edge.state, x, from.y, end, y),
      svg('circle', { cx: end - 12, cy: y, r: 8 }), svg('text', { x: end - 12, y: y + 4, class: 'glyph', 'aria-hidden': 'true' }, STATES[edge.state].glyph),
    ], shown(`${STATES[edge.state].name}: ${actions} on ${to.label}`));
  });
  const boxes = [
    part(root, 0, box(COLUMN.function, root, 20), `Function ${shown(one.name)}, ${count(rows.length, 'permission')}`),
    ...drawn.groups.map((node) => part(node, 1, box(COLUMN.group, node, 20), `${node.label}: ${said(node.rows)}`)),
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
  const signs = counts.map((state, number) => svg('text', { x: x + width - 8 - (counts.length - 1 - number) * 28, y: node.y + 4, class: `count ${state}`, 'aria-hidden': 'true' },
    `${STATES[state].glyph}${node.rows.filter((row) => row.state === state).length}`));
  const room = counts.length ? Math.max(8, Math.floor((width - 16 - counts.length * 28) / 7.4)) : longest;
  return [svg('rect', { x, y: node.y - HEIGHT / 2, width, height: HEIGHT, rx: 6 }),
    svg('text', { x: x + 10, y: node.y + 4.5, class: 'name' }, shortened(shown(node.label), room)), signs];
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
