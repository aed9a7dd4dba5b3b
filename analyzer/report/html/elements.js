// Making elements. Text goes in as text nodes only: what is shown holds code and names of others.

const SVG = 'http://www.w3.org/2000/svg';

function fill(node, attributes, children) {
  for (const [name, value] of Object.entries(attributes)) {
    if (name.startsWith('on')) node.addEventListener(name.slice(2), value);
    else if (value === true) node.setAttribute(name, '');
    else if (value !== false && value !== null && value !== undefined) node.setAttribute(name, value);
  }
  node.append(...children.flat(Infinity).filter((child) => child !== null && child !== undefined && child !== false));
  return node;
}

const el = (tag, attributes = {}, ...children) => fill(document.createElement(tag), attributes, children);
const svg = (tag, attributes = {}, ...children) => fill(document.createElementNS(SVG, tag), attributes, children);

// Characters that are not seen, or that turn the direction of what follows, are shown by their numbers.
const UNSEEN = /[\u0000-\u0008\u000b-\u001f\u007f-\u009f\u00ad\u061c\u200b-\u200f\u2028-\u202e\u2060-\u2069\ufeff]/g;
const shown = (text) =>
  text.toWellFormed().replace(UNSEEN, (one) => `⟨U+${one.codePointAt(0).toString(16).toUpperCase().padStart(4, '0')}⟩`);

const count = (number, noun) => `${number} ${noun}${number === 1 ? '' : 's'}`;

// A long name keeps its beginning and its end, which tell more than its middle.
function shortened(text, longest) {
  const characters = [...text];
  if (characters.length <= longest) return text;
  const tail = Math.floor(longest / 2);
  return `${characters.slice(0, longest - tail - 1).join('')}…${characters.slice(-tail).join('')}`;
}

const badge = (state) =>
  el('span', { class: `badge ${state}` }, el('span', { class: 'glyph', 'aria-hidden': 'true' }, STATES[state].glyph), STATES[state].name);
